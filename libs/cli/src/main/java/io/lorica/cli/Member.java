package io.lorica.cli;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// The processes of the suite, in the order in which they start.
public enum Member {
    /// Broker and store.
    PLATFORM(19000, ""),
    /// Rows in, versions out.
    DATASET(8081, "dataset-service"),
    /// Versions in, adapters out.
    TRAINER(8082, "trainer-service"),
    /// Adapters in, tokens out.
    INFERENCE(8083, "inference-service"),
    /// The one public door.
    GATEWAY(8080, "gateway");

    private final int defaultPort;
    private final String folder;

    Member(int defaultPort, String folder) {
        this.defaultPort = defaultPort;
        this.folder = folder;
    }

    /// The services, without the platform.
    public static List<Member> services() {
        return Arrays.stream(values()).filter(member -> member != PLATFORM).toList();
    }

    /// The member of that name, if there is one.
    static Optional<Member> named(String label) {
        return Arrays.stream(values())
                .filter(member -> member.label().equals(label) || member.folder.equals(label))
                .findFirst();
    }

    /// The name for people, in lower case.
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    int defaultPort() {
        return defaultPort;
    }

    String folder() {
        return folder;
    }

    /// Whether it runs models, for which a JVM needs its best compiler and access to native code.
    boolean runsModels() {
        return this == TRAINER || this == INFERENCE;
    }
}

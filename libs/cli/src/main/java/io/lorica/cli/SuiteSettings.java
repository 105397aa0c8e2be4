package io.lorica.cli;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// How the suite runs on this machine.
///
/// @param root the source tree with the packaged services
/// @param home directory of all data, logs and keys
/// @param ports the HTTP port of each member; for the platform, the store's
/// @param kafkaPort port of the embedded broker
/// @param controllerPort port of the embedded broker's controller
/// @param managementPort port of the gateway's health and metrics
/// @param externalKafka address of a broker to use instead of the embedded one
/// @param externalStore endpoint of a store to use instead of the embedded one
/// @param apiKey the key that the gateway takes
/// @param baseModel base model to load at start
public record SuiteSettings(
        Path root,
        Path home,
        Map<Member, Integer> ports,
        int kafkaPort,
        int controllerPort,
        int managementPort,
        Optional<String> externalKafka,
        Optional<String> externalStore,
        String apiKey,
        Optional<String> baseModel) {

    /// The name under which the suite knows the demo's base model.
    static final String DEMO_MODEL = "demo-qwen2";

    private static final int KAFKA_PORT = 19092;
    private static final int CONTROLLER_PORT = 19093;
    private static final int MANAGEMENT_PORT = 8089;
    private static final int HIGHEST_PORT = 65_535;

    public SuiteSettings {
        ports = Map.copyOf(ports);
    }

    /// The settings of the environment, as `docs/configuration.md` lists them.
    static SuiteSettings ofEnvironment(Path root, Map<String, String> environment) {
        Path home = given(environment, "LORICA_HOME")
                .map(Path::of)
                .orElseGet(() -> root.resolve(".lorica"))
                .toAbsolutePath();
        Map<Member, Integer> ports = new EnumMap<>(Member.class);
        for (Member member : Member.values()) {
            String name = "LORICA_" + member.name().toUpperCase(Locale.ROOT) + "_PORT";
            ports.put(member, port(environment, name, member.defaultPort()));
        }
        return new SuiteSettings(
                root,
                home,
                ports,
                port(environment, "LORICA_KAFKA_PORT", KAFKA_PORT),
                port(environment, "LORICA_CONTROLLER_PORT", CONTROLLER_PORT),
                port(environment, "LORICA_MANAGEMENT_PORT", MANAGEMENT_PORT),
                given(environment, "KAFKA_BOOTSTRAP_SERVERS"),
                given(environment, "LORICA_STORE_ENDPOINT"),
                new KeyFile(home.resolve("api-key")).key(environment.get("LORICA_API_KEY")),
                given(environment, "LORICA_BASE_MODEL"));
    }

    /// Settings with free ports and an own home, for tests that start a suite beside others.
    public static SuiteSettings onFreePorts(Path root, Path home) throws IOException {
        List<Integer> free = freePorts(Member.values().length + 3);
        Map<Member, Integer> ports = new EnumMap<>(Member.class);
        for (Member member : Member.values()) {
            ports.put(member, free.get(member.ordinal()));
        }
        int next = Member.values().length;
        return new SuiteSettings(
                root,
                home.toAbsolutePath(),
                ports,
                free.get(next),
                free.get(next + 1),
                free.get(next + 2),
                Optional.empty(),
                Optional.empty(),
                new KeyFile(home.resolve("api-key")).key(null),
                Optional.empty());
    }

    /// Where the demo's base model is.
    Path demoModel() {
        return home.resolve("models").resolve(DEMO_MODEL);
    }

    /// Whether the embedded platform is needed.
    boolean embedded() {
        return externalKafka.isEmpty() || externalStore.isEmpty();
    }

    String kafka() {
        return externalKafka.orElse("127.0.0.1:" + kafkaPort);
    }

    String store() {
        return externalStore.orElse("http://127.0.0.1:" + port(Member.PLATFORM));
    }

    int port(Member member) {
        return ports.getOrDefault(member, member.defaultPort());
    }

    /// Where a member answers.
    public String address(Member member) {
        return "http://127.0.0.1:" + port(member);
    }

    /// Where a member says how it is.
    String healthAddress(Member member) {
        return member == Member.GATEWAY ? "http://127.0.0.1:" + managementPort : address(member);
    }

    private static int port(Map<String, String> environment, String name, int otherwise) {
        return given(environment, name).map(text -> port(name, text)).orElse(otherwise);
    }

    private static int port(String name, String text) {
        int port = text.matches("\\d{1,5}") ? Integer.parseInt(text) : 0;
        if (port < 1 || port > HIGHEST_PORT) {
            throw new CliException(
                    name + " is '" + text + "'; it must be a port number from 1 to " + HIGHEST_PORT + ".");
        }
        return port;
    }

    // A variable that is set to nothing counts as not set.
    private static Optional<String> given(Map<String, String> environment, String name) {
        return Optional.ofNullable(environment.get(name)).map(String::strip).filter(text -> !text.isEmpty());
    }

    // All sockets are open at once: asked one after the other, the system may name the same port twice.
    private static List<Integer> freePorts(int count) throws IOException {
        List<ServerSocket> sockets = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
            }
            return sockets.stream().map(ServerSocket::getLocalPort).toList();
        } finally {
            for (ServerSocket socket : sockets) {
                socket.close();
            }
        }
    }
}

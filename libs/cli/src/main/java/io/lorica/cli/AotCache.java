package io.lorica.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// The AOT cache of a member: its classes as one start has loaded and linked them, which later starts map into memory.
/// A cache fits one JDK and one set of jars only. Both are part of its name, so that a stale one is never found.
///
/// @param member whose cache it is
/// @param folder where the caches of the member lie
/// @param key digest of the JDK and of each jar's path, length and time
record AotCache(Member member, Path folder, String key) {

    private static final int KEY_DIGITS = 16;
    private static final String SUFFIX = ".aot";

    /// The cache for the jars below the given places.
    static AotCache of(Member member, Path folder, List<Path> places) {
        return new AotCache(member, folder, key(places));
    }

    /// The cache's file, there or not.
    Path file() {
        return folder.resolve(member.label() + "-" + key + SUFFIX);
    }

    /// The file that a JVM writes while it is trained; it becomes the cache when it is whole.
    Path draft() {
        return folder.resolve(member.label() + "-" + key + ".draft");
    }

    /// The cache's file, if it is there.
    Optional<Path> made() {
        return Optional.of(file()).filter(Files::exists);
    }

    /// Takes what training has written as the cache, and removes those of earlier builds.
    ///
    /// @throws CliException when training wrote nothing
    void publish() throws IOException {
        if (!Files.exists(draft())) {
            throw new CliException("The " + member.label() + " wrote no AOT cache.");
        }
        Files.move(draft(), file());
        for (Path other : files()) {
            if (!other.equals(file())) {
                Files.deleteIfExists(other);
            }
        }
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> content = Files.list(folder)) {
            return content.filter(path -> path.getFileName().toString().startsWith(member.label() + "-"))
                    .toList();
        }
    }

    private static String key(List<Path> places) {
        MessageDigest digest = sha256();
        digest.update(utf8(System.getProperty("java.home") + " " + Runtime.version() + "\n"));
        places.stream().flatMap(place -> jars(place).stream()).sorted().forEach(jar -> digest.update(utf8(line(jar))));
        return HexFormat.of().formatHex(digest.digest()).substring(0, KEY_DIGITS);
    }

    private static String line(Path jar) {
        try {
            return jar + " " + Files.size(jar) + " " + Files.getLastModifiedTime(jar) + "\n";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The jars at a place: itself, or all below it, in the order of their names.
    static List<Path> jars(Path place) {
        if (!Files.exists(place)) {
            return List.of();
        }
        try (Stream<Path> content = Files.walk(place)) {
            return content.filter(path -> path.toString().endsWith(".jar"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}

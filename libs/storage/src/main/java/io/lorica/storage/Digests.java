package io.lorica.storage;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// SHA-256 digests, in hexadecimal.
public final class Digests {

    private Digests() {}

    /// A fresh SHA-256.
    public static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /// The digest of bytes.
    public static String sha256(byte[] bytes) {
        return hex(sha256().digest(bytes));
    }

    /// The digest of a file's bytes.
    public static String sha256(Path file) throws IOException {
        MessageDigest digest = sha256();
        try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
            in.transferTo(OutputStream.nullOutputStream());
        }
        return hex(digest.digest());
    }

    /// A finished digest as text.
    public static String hex(byte[] digest) {
        return HexFormat.of().formatHex(digest);
    }
}

package io.lorica.gateway.access;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

import io.lorica.contracts.secret.Placeholders;

/// A key and the name of the caller it stands for. Only the key's SHA-256 is kept.
public final class ApiKey {

    private static final String HASHED = "sha256:";
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,64}");
    private static final int DIGEST_DIGITS = 64;

    private final String name;
    private final byte[] digest;

    private ApiKey(String name, byte[] digest) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "The name of an API key is 1 to 64 letters, digits, dots, dashes or underscores: '" + name + "'.");
        }
        this.name = name;
        this.digest = digest;
    }

    /// A key given in full.
    ///
    /// @throws IllegalArgumentException if it is empty or a template's value
    public static ApiKey of(String name, String key) {
        if (key.isBlank()) {
            throw new IllegalArgumentException("The API key of '" + name + "' is empty; give it a value.");
        }
        return new ApiKey(name, sha256(Placeholders.checked("The API key of '" + name + "'", key)));
    }

    /// A key as configured: `name:key` or `name:sha256:<64 hexadecimal digits>`.
    public static ApiKey parse(String text) {
        int colon = text.indexOf(':');
        if (colon < 1) {
            throw new IllegalArgumentException(
                    "An entry of lorica.gateway.api-keys is 'name:key' or 'name:sha256:digest'.");
        }
        String name = text.substring(0, colon);
        String rest = text.substring(colon + 1);
        return rest.startsWith(HASHED) ? hashed(name, rest.substring(HASHED.length())) : of(name, rest);
    }

    /// Whose key it is.
    public String name() {
        return name;
    }

    /// Whether this is the key with that digest; takes the same time for every digest.
    boolean matches(byte[] presented) {
        return MessageDigest.isEqual(digest, presented);
    }

    static byte[] sha256(String key) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("This Java runtime has no SHA-256", e);
        }
    }

    private static ApiKey hashed(String name, String hex) {
        if (hex.length() != DIGEST_DIGITS) {
            throw new IllegalArgumentException(
                    "The SHA-256 of the API key '" + name + "' must have 64 hexadecimal digits.");
        }
        return new ApiKey(name, HexFormat.of().parseHex(hex));
    }
}

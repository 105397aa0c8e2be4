package io.lorica.contracts.id;

import java.security.SecureRandom;
import java.util.stream.Collectors;

/// Random identifiers in lower-case letters and digits.
public final class RandomIdentifier {

    private static final String ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789";
    private static final SecureRandom RANDOM = new SecureRandom();

    private RandomIdentifier() {}

    /// `length` random characters.
    public static String of(int length) {
        return RANDOM.ints(length, 0, ALPHABET.length())
                .mapToObj(index -> String.valueOf(ALPHABET.charAt(index)))
                .collect(Collectors.joining());
    }
}

package io.lorica.contracts.job;

import java.util.Locale;

/// How the labels of this package go over the wire.
final class WireNames {

    private WireNames() {}

    /// `COSINE_WITH_RESTARTS` is `cosine_with_restarts`.
    static String of(Enum<?> label) {
        return label.name().toLowerCase(Locale.ROOT);
    }

    static <E extends Enum<E>> E read(Class<E> type, String wireName) {
        return Enum.valueOf(type, wireName.toUpperCase(Locale.ROOT));
    }
}

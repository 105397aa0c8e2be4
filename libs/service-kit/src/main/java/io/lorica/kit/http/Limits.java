package io.lorica.kit.http;

import java.util.Optional;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import org.jspecify.annotations.Nullable;

/// Reads the query parameter `limit`. Taken as text, because the HTTP layer answers a text that is no number as if
/// there
/// were no such address.
public final class Limits {

    private Limits() {}

    /// The limit, or the default where none is given.
    public static int read(@Nullable String text, int absent, int highest) {
        if (text == null) {
            return absent;
        }
        return number(text)
                .filter(limit -> limit >= 1 && limit <= highest)
                .orElseThrow(() -> ProductException.forParameter(
                        ErrorCode.INVALID_REQUEST,
                        "limit",
                        "limit must be a whole number from 1 to " + highest + ", not '" + text + "'."));
    }

    private static Optional<Integer> number(String text) {
        try {
            return Optional.of(Integer.valueOf(text));
        } catch (NumberFormatException _) {
            return Optional.empty();
        }
    }
}

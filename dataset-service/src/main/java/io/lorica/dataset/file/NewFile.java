package io.lorica.dataset.file;

import java.time.Duration;

import io.lorica.contracts.dataset.FilePurpose;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import org.jspecify.annotations.Nullable;

/// What a user says of a file when uploading it.
///
/// @param filename its name at the user's side
/// @param purpose what it is for
/// @param lifetime after which time it is to vanish, null for never
public record NewFile(
        String filename, FilePurpose purpose, @Nullable Duration lifetime) {

    private static final Duration SHORTEST_LIFE = Duration.ofHours(1);
    private static final Duration LONGEST_LIFE = Duration.ofDays(30);

    public NewFile {
        if (!purpose.uploadable()) {
            throw ProductException.forParameter(
                    ErrorCode.INVALID_PURPOSE,
                    "purpose",
                    "Files with purpose '" + purpose.wireName() + "' are written by Lorica itself and not uploaded.");
        }
        if (lifetime != null && (lifetime.compareTo(SHORTEST_LIFE) < 0 || lifetime.compareTo(LONGEST_LIFE) > 0)) {
            throw ProductException.forParameter(
                    ErrorCode.INVALID_REQUEST,
                    "expires_after[seconds]",
                    "expires_after[seconds] must be from " + SHORTEST_LIFE.toSeconds() + " to "
                            + LONGEST_LIFE.toSeconds() + ", not " + lifetime.toSeconds() + ".");
        }
    }
}

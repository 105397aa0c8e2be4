package io.lorica.models;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.FailureWords;
import io.lorica.contracts.error.ProductException;

/// Whether a disk can take what is to be written.
final class DiskSpace {

    private static final double GIB = 1L << 30;

    private DiskSpace() {}

    static void require(Path directory, long bytes) {
        try {
            Files.createDirectories(directory);
            long free = Files.getFileStore(directory).getUsableSpace();
            if (free < bytes) {
                throw ProductException.of(
                        ErrorCode.OUT_OF_DISK,
                        String.format(
                                Locale.ROOT,
                                "The model needs %.1f GiB in %s, where %.1f GiB are free. Free some space or set"
                                        + " lorica.models.cache to another disk.",
                                bytes / GIB,
                                directory,
                                free / GIB));
            }
        } catch (IOException e) {
            throw failure(directory, e);
        }
    }

    static ProductException failure(Path directory, IOException cause) {
        return ProductException.of(
                ErrorCode.OUT_OF_DISK,
                "The directory " + directory + " cannot be written to: " + FailureWords.of(cause)
                        + ". Set lorica.models.cache to a directory with space and write access.",
                cause);
    }
}

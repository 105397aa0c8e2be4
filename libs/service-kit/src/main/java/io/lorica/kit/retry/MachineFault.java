package io.lorica.kit.retry;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;

/// Recognises faults of the machine behind exceptions, for Java has none of its own for a full disk or a lost GPU.
public final class MachineFault {

    private static final double GIB = 1L << 30;
    private static final List<String> FULL = List.of("no space left", "not enough space", "disk quota exceeded");
    private static final List<String> DEVICE = List.of(
            "cuda error",
            "cuda driver",
            "no cuda-capable device",
            "device-side assert",
            "unspecified launch failure",
            "illegal memory access",
            "uncorrectable ecc",
            "gpu is lost");

    private MachineFault() {}

    /// The fault behind an exception in the user's terms; empty where there is none.
    ///
    /// @param directory where the work was to write
    /// @param setting the key that names another place
    /// @param needed how many bytes the work needs there; 0 where that is not known
    public static Optional<ProductException> behind(Throwable failure, Path directory, String setting, long needed) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof ProductException known) {
                return known.code().passing() ? Optional.of(known) : Optional.empty();
            }
            if (isFull(cause)) {
                return Optional.of(full(failure, directory, setting, needed));
            }
            if (isDevice(cause)) {
                return Optional.of(device(failure, cause));
            }
        }
        return Optional.empty();
    }

    /// Tells whether the exception says that a disk is full.
    public static boolean isFull(Throwable failure) {
        return failure instanceof IOException && says(failure, FULL);
    }

    // Running out of the GPU's memory is the job's own failure, and leaves the device as it was.
    private static boolean isDevice(Throwable failure) {
        return says(failure, DEVICE) && !says(failure, List.of("out of memory", "alloc"));
    }

    private static boolean says(Throwable failure, List<String> words) {
        String message = String.valueOf(failure.getMessage()).toLowerCase(Locale.ROOT);
        return words.stream().anyMatch(message::contains);
    }

    private static ProductException full(Throwable failure, Path directory, String setting, long needed) {
        return ProductException.of(
                ErrorCode.OUT_OF_DISK,
                "No space left on the disk of " + directory + ": " + free(directory) + " free"
                        + (needed > 0 ? ", about " + gib(needed) + " needed" : "")
                        + ". Free some space there, or set " + setting + " to a directory on another disk.",
                failure);
    }

    private static ProductException device(Throwable failure, Throwable cause) {
        return ProductException.of(
                ErrorCode.DEVICE_UNAVAILABLE,
                "The GPU or its driver failed: " + cause.getMessage()
                        + ". The trainer starts again and goes on from the"
                        + " last checkpoint; see nvidia-smi and the kernel's log where this comes back.",
                failure);
    }

    private static String free(Path directory) {
        try {
            return gib(Files.getFileStore(directory).getUsableSpace());
        } catch (IOException _) {
            return "nothing";
        }
    }

    private static String gib(long bytes) {
        return bytes < GIB / 10
                ? String.format(Locale.ROOT, "%.1f MiB", bytes / GIB * 1024)
                : String.format(Locale.ROOT, "%.1f GiB", bytes / GIB);
    }
}

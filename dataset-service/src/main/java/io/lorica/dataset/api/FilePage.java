package io.lorica.dataset.api;

import java.util.List;
import java.util.stream.IntStream;

import io.lorica.contracts.dataset.FilePurpose;
import io.lorica.contracts.dataset.FileRecord;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.kit.http.Limits;
import org.jspecify.annotations.Nullable;

/// Which files a caller wants to see.
///
/// @param limit at most so many
/// @param after the last file that the caller has seen, null for the beginning
/// @param newestFirst the order
/// @param purpose only files for it, null for all
record FilePage(
        int limit,
        @Nullable String after,
        boolean newestFirst,
        @Nullable FilePurpose purpose) {

    private static final int LONGEST = 10_000;

    /// Reads the query of a call; absent parts have OpenAI's defaults.
    static FilePage of(
            @Nullable String limit, @Nullable String after, @Nullable String order, @Nullable String purpose) {
        return new FilePage(Limits.read(limit, LONGEST, LONGEST), after, newestFirst(order), purpose(purpose));
    }

    /// The page out of all files, which come oldest first. A file that the caller has seen and that has gone since is
    /// the end of the list: clients that delete what they list would otherwise never finish.
    FileList of(List<FileRecord> oldestFirst) {
        List<FileRecord> ordered = newestFirst ? oldestFirst.reversed() : oldestFirst;
        List<FileRecord> wanted = ordered.stream()
                .filter(file -> purpose == null || file.purpose() == purpose)
                .toList();
        List<FileRecord> rest = wanted.subList(begin(wanted), wanted.size());
        List<FileView> page = rest.stream().limit(limit).map(FileView::of).toList();
        return FileList.of(page, rest.size() > limit);
    }

    private int begin(List<FileRecord> files) {
        if (after == null) {
            return 0;
        }
        return IntStream.range(0, files.size())
                .filter(index -> files.get(index).id().value().equals(after))
                .map(index -> index + 1)
                .findFirst()
                .orElse(files.size());
    }

    private static boolean newestFirst(@Nullable String order) {
        return switch (order) {
            case null -> true;
            case "desc" -> true;
            case "asc" -> false;
            default ->
                throw ProductException.forParameter(
                        ErrorCode.INVALID_REQUEST, "order", "order must be asc or desc, not '" + order + "'.");
        };
    }

    private static @Nullable FilePurpose purpose(@Nullable String name) {
        return name == null ? null : FilePurpose.of(name).orElseThrow(() -> Purposes.unknown(name));
    }
}

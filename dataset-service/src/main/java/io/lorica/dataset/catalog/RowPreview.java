package io.lorica.dataset.catalog;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import io.lorica.contracts.dataset.FileRecord;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.FailureWords;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.job.LossRegion;
import io.lorica.dataset.file.FileRegister;
import io.lorica.dataset.ingest.RowOutcome;
import io.lorica.dataset.ingest.RowParser;
import io.lorica.dataset.ingest.RowReader;

/// Shows what would become of a file's first rows. Reads no further than it shows.
public final class RowPreview {

    private final FileRegister files;
    private final RowParser parser;
    private final int longestLine;

    /// @param longestLine the most bytes that a row may have
    public RowPreview(FileRegister files, RowParser parser, int longestLine) {
        this.files = files;
        this.parser = parser;
        this.longestLine = longestLine;
    }

    /// The first rows, judged.
    ///
    /// @param trainOn what a job learns of rows
    public List<RowOutcome> first(FileRecord file, int count, LossRegion trainOn) {
        List<RowOutcome> rows = new ArrayList<>();
        try (InputStream content = files.open(file)) {
            RowReader reader = new RowReader(content, longestLine, parser, trainOn);
            while (rows.size() < count) {
                Optional<RowOutcome> row = reader.next();
                if (row.isEmpty()) {
                    return rows;
                }
                rows.add(row.get());
            }
            return rows;
        } catch (IOException e) {
            throw ProductException.of(
                    ErrorCode.STORE_UNAVAILABLE,
                    "Reading " + file.id() + " was interrupted: " + FailureWords.of(e) + ".",
                    e);
        }
    }
}

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
import io.lorica.dataset.file.FileRegister;
import io.lorica.dataset.ingest.Line;
import io.lorica.dataset.ingest.LineReader;
import io.lorica.dataset.ingest.RowOutcome;
import io.lorica.dataset.ingest.RowParser;

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
    public List<RowOutcome> first(FileRecord file, int count) {
        List<RowOutcome> rows = new ArrayList<>();
        try (InputStream content = files.open(file)) {
            LineReader lines = new LineReader(content, longestLine);
            while (rows.size() < count) {
                Optional<Line> line = lines.next();
                if (line.isEmpty()) {
                    return rows;
                }
                rows.add(parser.parse(line.get()));
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

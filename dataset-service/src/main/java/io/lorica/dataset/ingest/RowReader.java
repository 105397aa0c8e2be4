package io.lorica.dataset.ingest;

import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

import io.lorica.contracts.dataset.RejectedRow;
import io.lorica.contracts.job.LossRegion;

/// Reads the rows of a file one after the other and judges them. A file that is no JSON lines at all has one outcome,
/// which says so. For one thread; the caller closes the stream.
public final class RowReader {

    // As many lines are read ahead as tell whether the first row goes on in them.
    private static final int LINES_AHEAD = 64;
    private static final int CHARACTERS_AHEAD = 1 << 20;
    private static final int WHOLE_FILE = 0;

    private final RowParser parser;
    private final LossRegion trainOn;
    private final LineReader lines;
    private final Deque<Line> ahead = new ArrayDeque<>();
    private Optional<String> fault;
    private boolean begun;

    /// A reader of the stream.
    ///
    /// @param longestLine the most bytes that a line may have
    /// @param trainOn what the job learns of rows
    public RowReader(InputStream in, int longestLine, RowParser parser, LossRegion trainOn) throws IOException {
        this.parser = parser;
        this.trainOn = trainOn;
        PushbackInputStream whole = new PushbackInputStream(in, FileFault.HEAD);
        byte[] head = whole.readNBytes(FileFault.HEAD);
        whole.unread(head);
        this.fault = FileFault.ofBytes(head);
        this.lines = new LineReader(whole, longestLine);
    }

    /// The outcome of the next row; empty at the end.
    public Optional<RowOutcome> next() throws IOException {
        if (!begun) {
            begun = true;
            fault = fault.isPresent() ? fault : lookAhead();
            if (fault.isPresent()) {
                ahead.clear();
                return fault.map(reason -> new RowOutcome.Rejected(RejectedRow.of(WHOLE_FILE, reason)));
            }
        }
        if (fault.isPresent()) {
            return Optional.empty();
        }
        Optional<Line> line = ahead.isEmpty() ? lines.next() : Optional.of(ahead.removeFirst());
        return line.map(text -> parser.parse(text, trainOn));
    }

    private Optional<String> lookAhead() throws IOException {
        Optional<Line> line = lines.next();
        if (line.isEmpty()) {
            return Optional.empty();
        }
        ahead.add(line.get());
        return line.get() instanceof Line.Text first
                        && FileFault.isSuspicious(first.value().strip())
                ? FileFault.ofLines(first.value().strip(), following())
                : Optional.empty();
    }

    private List<String> following() throws IOException {
        List<String> texts = new ArrayList<>();
        int characters = 0;
        while (texts.size() < LINES_AHEAD && characters < CHARACTERS_AHEAD) {
            Optional<Line> line = lines.next();
            if (line.isEmpty()) {
                return texts;
            }
            ahead.add(line.get());
            if (line.get() instanceof Line.Text text) {
                texts.add(text.value());
                characters += text.value().length();
            }
        }
        return texts;
    }
}

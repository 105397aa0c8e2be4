package io.lorica.dataset.ingest;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// Cuts a stream of UTF-8 into lines, one at a time, so that a file of any length needs the memory of its longest line.
/// Ends lines at `\n` or `\r\n`, passes over byte order marks at the beginning of lines and blank lines, and gives up
/// on
/// lines above the limit without keeping them. For one thread; the caller closes the stream.
public final class LineReader {

    private static final int BUFFER_BYTES = 1 << 16;
    private static final char BYTE_ORDER_MARK = '\uFEFF';
    private static final String CONVERT = "save the file as UTF-8";

    private final InputStream in;
    private final int longestLine;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private final CharsetDecoder decoder = StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    private int position;
    private int end;
    private int number;
    private boolean tooLong;

    /// A reader of the stream.
    ///
    /// @param longestLine the most bytes that a line may have
    public LineReader(InputStream in, int longestLine) {
        this.in = in;
        this.longestLine = longestLine;
    }

    /// The next line that is not blank; empty at the end.
    public Optional<Line> next() throws IOException {
        while (readLine()) {
            number++;
            Line current = tooLong ? unreadable(tooLongReason()) : decode(line.toByteArray());
            if (!(current instanceof Line.Text text && text.value().isBlank())) {
                return Optional.of(current);
            }
        }
        return Optional.empty();
    }

    private boolean readLine() throws IOException {
        line.reset();
        tooLong = false;
        boolean any = false;
        while (position < end || fill()) {
            any = true;
            int newline = indexOfNewline();
            keep(newline - position);
            position = newline;
            if (position < end) {
                position++;
                return true;
            }
        }
        return any;
    }

    private boolean fill() throws IOException {
        position = 0;
        end = Math.max(in.read(buffer), 0);
        return end > 0;
    }

    private int indexOfNewline() {
        int index = position;
        while (index < end && buffer[index] != '\n') {
            index++;
        }
        return index;
    }

    private void keep(int length) {
        // One byte more than allowed may be the carriage return before the line break.
        if (tooLong || line.size() + length > longestLine + 1) {
            tooLong = true;
            return;
        }
        line.write(buffer, position, length);
    }

    private Line decode(byte[] bytes) {
        int length = bytes.length > 0 && bytes[bytes.length - 1] == '\r' ? bytes.length - 1 : bytes.length;
        if (length > longestLine) {
            return unreadable(tooLongReason());
        }
        ByteBuffer input = ByteBuffer.wrap(bytes, 0, length);
        CharBuffer output = CharBuffer.allocate(length);
        CoderResult result = decoder.reset().decode(input, output, true);
        if (result.isError()) {
            return unreadable(encodingReason(bytes, input.position()));
        }
        return new Line.Text(number, withoutMark(output.flip().toString()));
    }

    // Files that were joined bring their marks along.
    private static String withoutMark(String text) {
        int begin = 0;
        while (begin < text.length() && text.charAt(begin) == BYTE_ORDER_MARK) {
            begin++;
        }
        return text.substring(begin);
    }

    private Line unreadable(String reason) {
        return new Line.Unreadable(number, reason);
    }

    private String tooLongReason() {
        return "The line is longer than " + longestLine + " bytes; shorten the row or split it into several.";
    }

    private static String encodingReason(byte[] bytes, int at) {
        boolean utf16 = at == 0 && bytes.length > 1 && ((bytes[0] & 0xFF) == 0xFF || (bytes[0] & 0xFF) == 0xFE);
        if (utf16) {
            return "The file seems to be UTF-16; " + CONVERT + ".";
        }
        return "Byte %d of the line, 0x%02X, is not valid UTF-8; %s.".formatted(at + 1, bytes[at] & 0xFF, CONVERT);
    }
}

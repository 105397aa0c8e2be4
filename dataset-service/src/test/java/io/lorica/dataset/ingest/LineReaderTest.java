package io.lorica.dataset.ingest;

import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

class LineReaderTest {

    private static final int LIMIT = 10;

    @Test
    void numbersLinesAndPassesOverBlankOnes() throws IOException {
        assertThat(read("a\n\n  \t\nb\n")).containsExactly(new Line.Text(1, "a"), new Line.Text(4, "b"));
    }

    @Test
    void takesWindowsLineEndsAndALastLineWithoutOne() throws IOException {
        assertThat(read("a\r\n\r\nb")).containsExactly(new Line.Text(1, "a"), new Line.Text(3, "b"));
    }

    @Test
    void passesOverByteOrderMarksWhereFilesWereJoined() throws IOException {
        assertThat(read("\uFEFFa\n\uFEFFb\uFEFF")).containsExactly(new Line.Text(1, "a"), new Line.Text(2, "b\uFEFF"));
    }

    @Test
    void findsNothingInAnEmptyFile() throws IOException {
        assertThat(read("")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0123456789", "0123456789\n", "0123456789\r\n"})
    void keepsALineOfExactlyTheLimit(String file) throws IOException {
        assertThat(read(file)).containsExactly(new Line.Text(1, "0123456789"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"01234567890\nb", "01234567890\r\nb", "0123456789012345678901234567890\nb"})
    void setsALineAboveTheLimitAsideAndGoesOn(String file) throws IOException {
        // When
        List<Line> lines = read(file);

        // Then
        assertThat(lines).hasSize(2).last().isEqualTo(new Line.Text(2, "b"));
        assertThat(lines.getFirst())
                .isInstanceOfSatisfying(
                        Line.Unreadable.class, line -> assertThat(line.reason()).contains("longer than 10 bytes"));
    }

    @Test
    void namesTheByteThatIsNotUtf8() throws IOException {
        // Given
        byte[] latin = "caf\u00e9!\nb".getBytes(StandardCharsets.ISO_8859_1);

        // When
        List<Line> lines = readAll(new ByteArrayInputStream(latin));

        // Then
        assertThat(lines)
                .containsExactly(
                        new Line.Unreadable(1, "Byte 4 of the line, 0xE9, is not valid UTF-8; save the file as UTF-8."),
                        new Line.Text(2, "b"));
    }

    @Test
    void noticesALineThatEndsInsideACharacter() throws IOException {
        // Given
        byte[] cut = {'a', (byte) 0xF0, (byte) 0x9F, '\n'};

        // When
        List<Line> lines = readAll(new ByteArrayInputStream(cut));

        // Then
        assertThat(lines).singleElement().isInstanceOf(Line.Unreadable.class);
    }

    @Test
    void recognisesUtf16() throws IOException {
        // Given
        byte[] utf16 = "ab".getBytes(StandardCharsets.UTF_16);

        // When
        List<Line> lines = readAll(new ByteArrayInputStream(utf16));

        // Then
        assertThat(lines)
                .first()
                .isInstanceOfSatisfying(
                        Line.Unreadable.class, line -> assertThat(line.reason()).contains("UTF-16"));
    }

    @Test
    void joinsCharactersThatArriveInPieces() throws IOException {
        // Given
        InputStream trickle =
                new FilterInputStream(new ByteArrayInputStream("意🙂\nb".getBytes(StandardCharsets.UTF_8))) {
                    @Override
                    public int read(byte[] buffer, int offset, int length) throws IOException {
                        return super.read(buffer, offset, 1);
                    }
                };

        // When
        List<Line> lines = readAll(trickle);

        // Then
        assertThat(lines).containsExactly(new Line.Text(1, "意🙂"), new Line.Text(2, "b"));
    }

    private static List<Line> read(String file) throws IOException {
        return readAll(new ByteArrayInputStream(file.getBytes(StandardCharsets.UTF_8)));
    }

    private static List<Line> readAll(InputStream file) throws IOException {
        LineReader reader = new LineReader(file, LIMIT);
        List<Line> lines = new ArrayList<>();
        Optional<Line> line = reader.next();
        while (line.isPresent()) {
            lines.add(line.get());
            line = reader.next();
        }
        return lines;
    }
}

package io.lorica.dataset.ingest;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import io.lorica.contracts.job.LossRegion;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

class RowReaderTest {

    private static final String ROW = "{\"prompt\":\"a\",\"completion\":\"b\"}";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[" + ROW + "," + ROW + "]",
                "[" + ROW + "]\n",
                "\n\n[\n" + ROW + ",\n" + ROW + "\n]\n",
                "[" + ROW + ",\n" + ROW + "]",
                "["
            })
    void takesAnArrayForOneMistake(String file) throws IOException {
        assertThat(reasons(read(file)))
                .containsExactly(
                        "The file is one JSON array; write each row on a line of its own, for example with jq -c '.[]'.");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\n  \"prompt\": \"a\",\n  \"completion\": \"b\"\n}\n",
                "{\n\"prompt\": \"a\",\n\"completion\": \"b\"\n}\n{\n\"prompt\": \"c\",\n\"completion\": \"d\"\n}\n",
                "{\"messages\": [\n{\"role\": \"user\",\n\"content\": \"a\"}"
            })
    void takesRowsOfSeveralLinesForOneMistake(String file) throws IOException {
        assertThat(reasons(read(file)))
                .singleElement()
                .asString()
                .startsWith("The file has JSON values of several lines each; write each row on a line of its own");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"prompt\":\"a", "{\"prompt\":\"a\",", "{\"prompt\":", "{", "[1]", "[oops", "oops"})
    void countsABadFirstRowAsOneRow(String first) throws IOException {
        // When
        List<RowOutcome> rows = read(first + "\n" + (ROW + "\n").repeat(100));

        // Then
        assertThat(rows).hasSize(101);
        assertThat(rows.getFirst()).isInstanceOf(RowOutcome.Rejected.class);
        assertThat(rows.subList(1, 101)).allSatisfy(row -> assertThat(row).isInstanceOf(RowOutcome.Accepted.class));
    }

    @Test
    void namesWhatTheFileIsWhereItIsNoText() throws IOException {
        assertThat(reasons(read(ROW.getBytes(StandardCharsets.UTF_16))))
                .singleElement()
                .asString()
                .startsWith("The file is UTF-16");
        assertThat(reasons(read(ROW.getBytes(StandardCharsets.UTF_16LE))))
                .singleElement()
                .asString()
                .startsWith("The file is UTF-16");
        assertThat(reasons(read(new byte[] {0x1F, (byte) 0x8B, 8, 0, 1})))
                .singleElement()
                .asString()
                .startsWith("The file is compressed");
        assertThat(reasons(read("PAR1...."))).singleElement().asString().startsWith("The file is Parquet");
    }

    @Test
    void findsNothingInAnEmptyFile() throws IOException {
        assertThat(read("")).isEmpty();
    }

    private static List<String> reasons(List<RowOutcome> rows) {
        return rows.stream()
                .map(row -> {
                    RowOutcome.Rejected rejected = (RowOutcome.Rejected) row;
                    assertThat(rejected.row().line()).isZero();
                    return rejected.row().reason();
                })
                .toList();
    }

    private static List<RowOutcome> read(String file) throws IOException {
        return read(file.getBytes(StandardCharsets.UTF_8));
    }

    private static List<RowOutcome> read(byte[] file) throws IOException {
        RowReader reader = new RowReader(new ByteArrayInputStream(file), 1 << 16, new RowParser(), LossRegion.ALL);
        List<RowOutcome> rows = new ArrayList<>();
        Optional<RowOutcome> row = reader.next();
        while (row.isPresent()) {
            rows.add(row.get());
            row = reader.next();
        }
        return rows;
    }
}

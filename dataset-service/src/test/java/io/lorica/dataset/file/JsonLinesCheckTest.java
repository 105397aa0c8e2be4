package io.lorica.dataset.file;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class JsonLinesCheckTest {

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"prompt\": \"a\"}",
                "\n\r\n  {\"prompt\": \"a\"}\n",
                "\uFEFF{\"prompt\": \"a\"}\n",
                "not json\n{\"prompt\": \"a\"}\n",
                "{broken\n"
            })
    void takesWhatLooksLikeJsonLines(String text) {
        assertThat(JsonLinesCheck.fault(text.getBytes(StandardCharsets.UTF_8))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    [{"a": 1}]               | JSON array
                    question,answer          | begins with '{'; its first is 'question,answer'
                    '   '                    | only blank lines
                    PAR1...                  | Parquet
                    %PDF-1.7                 | its first is '%PDF-1.7'
                    """)
    void saysWhatAnotherFileIs(String text, String fault) {
        assertThat(JsonLinesCheck.fault(text.getBytes(StandardCharsets.UTF_8)))
                .hasValueSatisfying(said -> assertThat(said).contains(fault));
    }

    @Test
    void saysThatTextIsInAnotherEncoding() {
        assertThat(JsonLinesCheck.fault("{\"a\": 1}".getBytes(StandardCharsets.UTF_16)))
                .hasValueSatisfying(said -> assertThat(said).contains("UTF-16"));
    }

    @Test
    void refusesACompressedFileByItsName() throws IOException {
        // Given
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write("{\"a\": 1}\n".getBytes(StandardCharsets.UTF_8));
        }
        Path file = Files.write(folder.resolve("content"), packed.toByteArray());

        // When // Then
        assertThatExceptionOfType(ProductException.class)
                .isThrownBy(() -> JsonLinesCheck.check(file, "rows.jsonl"))
                .satisfies(failure -> assertThat(failure.code()).isEqualTo(ErrorCode.INVALID_TRAINING_FILE))
                .withMessageContaining("rows.jsonl")
                .withMessageContaining("gzip")
                .withMessageContaining("one JSON object a line");
    }

    @Test
    void takesAFileThatTheSdkCallsUpload() throws IOException {
        // Given
        Path file = Files.writeString(folder.resolve("content"), "{\"a\": 1}\n");

        // When // Then
        JsonLinesCheck.check(file, "upload");
    }
}

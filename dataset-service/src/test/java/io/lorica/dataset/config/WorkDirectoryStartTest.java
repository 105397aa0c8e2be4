package io.lorica.dataset.config;

import java.nio.file.Path;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

class WorkDirectoryStartTest {

    @ParameterizedTest
    @CsvSource({
        "uploads/resteasy-reactive123456upload, true",
        "examples-123.jsonl, true",
        "rejected-123.jsonl, true",
        "uploads, false",
        "uploads/photo.jpg, false",
        "examples.jsonl, false",
        "other/examples-123.jsonl, false"
    })
    void removesOnlyWhatTheServiceWrites(String path, boolean ours) {
        assertThat(WorkDirectoryStart.ours(Path.of(path))).isEqualTo(ours);
    }
}

package io.lorica.trainer.execution;

import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import io.lorica.contracts.dataset.DatasetManifest;
import io.lorica.contracts.dataset.RejectedRow;
import io.lorica.contracts.id.DatasetVersionId;
import io.lorica.contracts.id.FileId;
import io.lorica.contracts.template.PromptTemplate;
import io.lorica.kit.event.EventCodec;
import io.lorica.storage.ArtifactLayout;
import io.lorica.storage.DirectoryObjectStore;
import io.lorica.storage.ObjectStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

class DatasetRowsTest {

    private static final DatasetVersionId VERSION = new DatasetVersionId("dsv-" + "0".repeat(24));

    @TempDir
    Path directory;

    @Test
    void saysNothingWhereEveryRowIsUsed() {
        // When
        Optional<String> said = rows(0).leftOut(version(0), "training file");

        // Then
        assertThat(said).isEmpty();
    }

    @Test
    void namesEachRowThatIsLeftOut() {
        // When
        Optional<String> said = rows(2).leftOut(version(2), "training file");

        // Then
        assertThat(said)
                .contains("2 of 22 rows of the training file cannot be used and are left out."
                        + " Line 21: Reason 1. Line 22: Reason 2.");
    }

    @Test
    void countsTheRowsThatItDoesNotName() {
        // When
        Optional<String> said = rows(5).leftOut(version(5), "validation file");

        // Then
        assertThat(said)
                .hasValueSatisfying(text -> assertThat(text)
                        .startsWith("5 of 25 rows of the validation file")
                        .endsWith("Line 23: Reason 3. 2 more are left out, too."));
    }

    private DatasetRows rows(int rejected) {
        ObjectStore store = new DirectoryObjectStore(directory);
        String lines = IntStream.rangeClosed(1, rejected)
                .mapToObj(i -> new RejectedRow(20 + i, "Reason " + i + "."))
                .map(row -> new String(EventCodec.bytes(row), UTF_8) + "\n")
                .collect(Collectors.joining());
        store.put(ArtifactLayout.datasetRejects(VERSION), lines.getBytes(UTF_8), "application/jsonl");
        return new DatasetRows(store);
    }

    private static DatasetManifest version(int rejected) {
        return new DatasetManifest(
                VERSION,
                FileId.random(),
                "0".repeat(64),
                PromptTemplate.DEEPSEEK_R1,
                PromptTemplate.DEEPSEEK_R1.digest(),
                "<|endoftext|>",
                20,
                rejected,
                "0".repeat(64),
                Instant.EPOCH);
    }
}

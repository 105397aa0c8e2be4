package io.lorica.trainer.execution;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

import io.lorica.contracts.dataset.DatasetManifest;
import io.lorica.contracts.dataset.SetAside;
import io.lorica.contracts.id.DatasetVersionId;
import io.lorica.contracts.id.FileId;
import io.lorica.contracts.job.LossRegion;
import io.lorica.contracts.template.PromptTemplate;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class DatasetRowsTest {

    @Test
    void saysNothingWhereEveryRowIsUsed() {
        // When
        Optional<String> said = DatasetRows.leftOut(version(0), "training file");

        // Then
        assertThat(said).isEmpty();
    }

    @Test
    void namesEachRowThatIsLeftOut() {
        // When
        Optional<String> said = DatasetRows.leftOut(
                version(2, new SetAside("Reason 1.", 1, List.of(21)), new SetAside("Reason 2.", 1, List.of(22))),
                "training file");

        // Then
        assertThat(said)
                .contains("2 of 22 rows of the training file cannot be used and are left out."
                        + " Line 21: Reason 1. Line 22: Reason 2.");
    }

    @Test
    void countsTheRowsOfOneReason() {
        // When
        Optional<String> said = DatasetRows.leftOut(
                version(
                        413,
                        new SetAside("Reason 1.", 412, List.of(3, 7, 9, 12)),
                        new SetAside("Reason 2.", 1, List.of(4))),
                "validation file");

        // Then
        assertThat(said)
                .contains("413 of 433 rows of the validation file cannot be used and are left out."
                        + " 412 rows (lines 3, 7, 9 and 409 more): Reason 1. Line 4: Reason 2.");
    }

    private static DatasetManifest version(int rejected, SetAside... reasons) {
        return new DatasetManifest(
                new DatasetVersionId("dsv-" + "0".repeat(24)),
                FileId.random(),
                "0".repeat(64),
                PromptTemplate.DEEPSEEK_R1,
                PromptTemplate.DEEPSEEK_R1.digest(),
                "<|endoftext|>",
                LossRegion.ALL,
                20,
                20,
                rejected,
                List.of(reasons),
                "0".repeat(64),
                Instant.EPOCH);
    }
}

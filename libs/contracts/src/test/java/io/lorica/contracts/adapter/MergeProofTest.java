package io.lorica.contracts.adapter;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

class MergeProofTest {

    private static final MergeProof.Matrices RIGHT = new MergeProof.Matrices(9, 1.1, null);

    @ParameterizedTest
    @CsvSource({
        // positions, logit, divergence, agreement, decisive agreement, divergence of rounding: finding
        "256, 0.1, 0.001, 1.0, 1.0, 0.001, AGREES",
        "256, 0.1, 0.000274, 0.934, 1.0, 0.0003, NEAR_TIES",
        "256, 0.1, 0.03, 1.0, 1.0, 0.02, ROUNDING",
        "256, 0.1, 0.3, 0.7, 1.0, 0.3, TOO_COARSE",
        "256, 0.1, 0.03, 1.0, 1.0, 0.001, BAD_MERGE",
        "256, 0.1, 0.09, 1.0, 1.0, 0.02, BAD_MERGE",
        "256, 0.1, 0.001, 0.9, 0.9, 0.001, BAD_MERGE",
        "256, NaN, 0.001, 1.0, 1.0, 0.001, BAD_MERGE",
        "256, Infinity, 0.001, 1.0, 1.0, 0.001, BAD_MERGE",
        "256, 0.1, NaN, 1.0, 1.0, 0.001, BAD_MERGE",
        "0, 0, NaN, NaN, 1.0, NaN, BAD_MERGE"
    })
    void tellsABadMergeFromRoundingAndNearTies(
            int positions,
            double logit,
            double divergence,
            double agreement,
            double decisive,
            double ofRounding,
            MergeFinding expected) {
        // When
        MergeProof proof = MergeProof.judged(
                "a with b",
                8,
                positions,
                new MergeProof.Distance(logit, divergence, divergence, agreement, 100, decisive),
                new MergeProof.Rounding(0.1, ofRounding, 0.9),
                RIGHT);

        // Then
        assertThat(proof.finding()).isEqualTo(expected);
        assertThat(proof.holds()).isEqualTo(expected.published());
    }

    @Test
    void aWrongMatrixIsABadMergeWhateverItsAnswersAre() {
        // When
        MergeProof proof = MergeProof.judged(
                "a with b",
                8,
                256,
                new MergeProof.Distance(0, 0, 0, 1, 256, 1),
                new MergeProof.Rounding(0.1, 0.01, 1),
                new MergeProof.Matrices(9, 70, "q_proj holds the adapter's change 2 times"));

        // Then
        assertThat(proof.holds()).isFalse();
        assertThat(proof.sentence()).contains("q_proj holds the adapter's change 2 times", "use the adapter");
    }
}

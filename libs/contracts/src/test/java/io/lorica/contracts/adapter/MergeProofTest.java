package io.lorica.contracts.adapter;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

class MergeProofTest {

    @ParameterizedTest
    @CsvSource({
        "256, 0.1, 0.001, 1.0, true",
        "256, 0.1, 0.03, 1.0, false",
        "256, 0.1, 0.001, 0.9, false",
        "256, NaN, 0.001, 1.0, false",
        "256, Infinity, 0.001, 1.0, false",
        "256, 0.1, NaN, 1.0, false",
        "0, 0, NaN, NaN, false"
    })
    void holdsWithinItsLimitsOnly(int positions, double logit, double divergence, double agreement, boolean expected) {
        // When
        MergeProof proof =
                new MergeProof("a with b", 8, positions, logit, divergence, divergence, agreement, 0.02, 0.95);

        // Then
        assertThat(proof.holds()).isEqualTo(expected);
    }
}

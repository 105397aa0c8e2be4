package io.lorica.contracts.job;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class EvaluationStandingTest {

    private static final EvaluationSpec PATIENT = new EvaluationSpec(10, 2, 0.1);

    @Test
    void remembersTheBestMeasurement() {
        // When
        EvaluationStanding standing =
                EvaluationStanding.first(10, 2).after(20, 1.5, PATIENT).after(30, 1.8, PATIENT);

        // Then
        assertThat(standing).isEqualTo(new EvaluationStanding(1.5, 20, 30, 1, false));
    }

    @Test
    void endsAfterAsManyMeasurementsWithoutProgressAsThePatienceAllows() {
        // Given: a loss that falls by too little to count
        EvaluationStanding standing = EvaluationStanding.first(10, 2).after(20, 1.95, PATIENT);

        // When
        EvaluationStanding next = standing.after(30, 1.91, PATIENT);

        // Then
        assertThat(standing.endsEarly()).isFalse();
        assertThat(next)
                .isEqualTo(new EvaluationStanding(2, 10, 30, 2, true, new EvaluationStanding.Measured(1.91, 30)));
    }

    @Test
    void remembersTheLowestLossEvenWhereItIsTooLittleBetterToCount() {
        // When
        EvaluationStanding standing =
                EvaluationStanding.first(10, 2).after(20, 1.95, PATIENT).after(30, 1.97, PATIENT);

        // Then
        assertThat(standing.bestStep()).isEqualTo(10);
        assertThat(standing.lowestMeasured()).isEqualTo(new EvaluationStanding.Measured(1.95, 20));
        assertThat(standing.after(40, 1.5, PATIENT).lowestMeasured())
                .isEqualTo(new EvaluationStanding.Measured(1.5, 40));
    }

    @Test
    void startsToCountAnewWithEachBetterMeasurement() {
        // When
        EvaluationStanding standing = EvaluationStanding.first(10, 2)
                .after(20, 2.5, PATIENT)
                .after(30, 1, PATIENT)
                .after(40, 2, PATIENT);

        // Then
        assertThat(standing).isEqualTo(new EvaluationStanding(1, 30, 40, 1, false));
    }

    @Test
    void neverEndsWithoutAPatience() {
        // Given
        EvaluationStanding standing = EvaluationStanding.first(1, 1);

        // When
        for (int step = 2; step < 50; step++) {
            standing = standing.after(step, 9, EvaluationSpec.DEFAULTS);
        }

        // Then
        assertThat(standing.endsEarly()).isFalse();
    }

    @Test
    void countsAStepOnce() {
        // Given
        EvaluationStanding standing = EvaluationStanding.first(10, 2).after(20, 3, PATIENT);

        // When // Then
        assertThat(standing.after(20, 3, PATIENT)).isEqualTo(standing);
    }
}

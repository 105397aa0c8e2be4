package io.lorica.trainer.execution;

import java.util.List;
import java.util.stream.IntStream;

import io.lorica.contracts.job.EvaluationSpec;
import io.lorica.contracts.job.LearningRateSchedule;
import io.lorica.contracts.job.TrainingOptions;
import io.lorica.contracts.job.TrainingPlan;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class CheckpointCadenceTest {

    private final CheckpointCadence cadence = new CheckpointCadence();

    @Test
    void isEverySoManySteps() {
        assertThat(stepsDue(plan(3, null, 4), 10)).containsExactly(4, 8);
    }

    @Test
    void isAtTheEndOfEachEpoch() {
        assertThat(stepsDue(plan(3, null, 0), 9)).containsExactly(3, 6, 9);
        assertThat(stepsDue(plan(3, null, 0), 10)).containsExactly(4, 7, 10);
    }

    @Test
    void isAtTheEndWhereStepsAreCounted() {
        assertThat(stepsDue(plan(3, 10, 0), 10)).containsExactly(10);
    }

    @Test
    void measuresAsOftenAsThePlanSays() {
        // Given
        TrainingPlan plan = plan(3, null, 0);
        TrainingPlan measured = plan.with(TrainingOptions.DEFAULTS.with(new EvaluationSpec(3, 0, 0)));

        // When // Then
        assertThat(IntStream.rangeClosed(1, 10).filter(step -> cadence.evaluationDue(measured, step)))
                .containsExactly(3, 6, 9);
        assertThat(IntStream.rangeClosed(1, 10).filter(step -> cadence.evaluationDue(plan, step)))
                .isEmpty();
    }

    private List<Integer> stepsDue(TrainingPlan plan, int totalSteps) {
        return IntStream.rangeClosed(1, totalSteps)
                .filter(step -> cadence.checkpointDue(plan, step, totalSteps))
                .boxed()
                .toList();
    }

    private static TrainingPlan plan(int epochs, @Nullable Integer maxSteps, int every) {
        return new TrainingPlan(
                2, 1, epochs, maxSteps, 1e-3, LearningRateSchedule.LINEAR, 0, 0.01, 1.0, 512, every, 1, null);
    }
}

package io.lorica.trainer.execution;

import io.lorica.contracts.job.TrainingPlan;
import jakarta.inject.Singleton;

/// After which steps a checkpoint or a measurement is due.
@Singleton
public final class CheckpointCadence {

    /// Whether a checkpoint is due after the step: every so many steps, or at the end of each epoch.
    public boolean checkpointDue(TrainingPlan plan, int step, int totalSteps) {
        if (plan.checkpointEvery() > 0) {
            return step % plan.checkpointEvery() == 0;
        }
        int epochs = plan.maxSteps() == null ? plan.epochs() : 1;
        // The k-th epoch ends with the step that first reaches k / epochs of all steps.
        return (long) step * epochs / totalSteps > (long) (step - 1) * epochs / totalSteps;
    }

    /// Whether the validation rows are to be measured after the step, checkpoint or not.
    public boolean evaluationDue(TrainingPlan plan, int step) {
        int every = plan.extras().evaluation().every();
        return every > 0 && step % every == 0;
    }
}

package io.lorica.trainer.execution;

import java.util.List;
import java.util.Optional;

import io.lorica.contracts.adapter.AdapterManifest;
import io.lorica.contracts.event.DomainEvent;
import io.lorica.contracts.job.MemoryUse;
import io.lorica.contracts.job.StepMetrics;
import io.lorica.contracts.job.TrainingPlan;
import io.lorica.llm.train.TrainingRun;
import org.jspecify.annotations.Nullable;

/// The steps of an attempt: which of them are measured, told and saved. Lives on the training thread.
final class TrainingLoop {

    private final Attempt attempt;
    private final TrainingRun run;
    private final CheckpointSaves saves;
    private final TrainingPlan plan;
    private @Nullable StepMetrics latest;

    /// @param latest what the step measured that the run goes on from, null where it begins
    TrainingLoop(Attempt attempt, TrainingRun run, CheckpointSaves saves, @Nullable StepMetrics latest) {
        this.attempt = attempt;
        this.run = run;
        this.saves = saves;
        this.plan = attempt.job().spec().plan();
        this.latest = latest;
    }

    /// Takes steps until the run is finished.
    ///
    /// @return what stopped it before that
    Optional<RunSignals.StopReason> untilFinished() {
        while (!run.finished()) {
            if (attempt.services().catalog().stopRequested(attempt.jobId())) {
                attempt.signals().stop(RunSignals.StopReason.CANCELLED);
            }
            if (attempt.signals().stopReason().isPresent()) {
                return attempt.signals().stopReason();
            }
            step();
        }
        return Optional.empty();
    }

    /// Saves the last step, unless it is in the store already.
    ///
    /// @return that step
    int saveLast() {
        if (run.completedSteps() > saves.savedStep()) {
            measureLast();
            save("saving the last checkpoint");
        }
        return run.completedSteps();
    }

    /// What the last step measured that was told or saved, null before the first.
    @Nullable
    StepMetrics latest() {
        return latest;
    }

    private void step() {
        run.stepAhead();
        int step = run.completedSteps();
        CheckpointCadence cadence = attempt.services().cadence();
        boolean due = saves.pending() || run.finished() || cadence.checkpointDue(plan, step, run.totalSteps());
        boolean evaluated = due || cadence.evaluationDue(plan, step);
        if (evaluated || step == 1 || step % plan.logEvery() == 0) {
            tell(evaluated ? withEvaluation(run.measured()) : run.measured());
        }
        // What is the best so far, and what is the last, can be called by its name.
        boolean best = evaluated && bestAt(step);
        if (best && plan.extras().evaluation().loadBest()) {
            save("saving the best checkpoint");
        } else if (due || best || run.finished()) {
            saves.begin(run, checkpoint());
        }
    }

    private void tell(StepMetrics metrics) {
        latest = metrics;
        attempt.send(
                new DomainEvent.JobProgressed(attempt.jobId(), attempt.number(), metrics.withGpuMemory(gpuMemory())));
    }

    private void measureLast() {
        StepMetrics told = latest;
        if (told == null || told.step() < run.completedSteps()) {
            latest = run.measured();
        }
    }

    private StepMetrics withEvaluation(StepMetrics step) {
        return run.evaluate()
                .map(found -> step.measured(
                        found.loss(), found.tokenAccuracy(), run.standing().orElse(null)))
                .orElse(step);
    }

    private @Nullable Long gpuMemory() {
        return run.memoryTaken()
                .filter(MemoryUse::onGpu)
                .map(MemoryUse::measured)
                .orElse(null);
    }

    private boolean bestAt(int step) {
        boolean lowest = plan.extras().evaluation().loadBest();
        return run.standing()
                .map(standing -> lowest ? standing.lowestMeasured().step() : standing.bestStep())
                .filter(best -> best == step)
                .isPresent();
    }

    private void save(String what) {
        saves.save(run, checkpoint(), action -> attempt.patiently(what, action));
    }

    private AdapterManifest checkpoint() {
        int step = run.completedSteps();
        return attempt.manifest(
                attempt.job().modelName().checkpoint(step), step, latest, List.of(), Exports.Written.NOTHING);
    }
}

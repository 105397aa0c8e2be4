package io.lorica.trainer.execution;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;

import io.lorica.contracts.adapter.AdapterManifest;
import io.lorica.contracts.event.DomainEvent;
import io.lorica.contracts.job.MemoryUse;
import io.lorica.contracts.job.StepMetrics;
import io.lorica.contracts.job.TrainingPlan;
import io.lorica.llm.train.StepAbandoned;
import io.lorica.llm.train.TrainingRun;
import io.lorica.trainer.job.LossTrend;
import org.jspecify.annotations.Nullable;

/// The steps of an attempt: which of them are measured, told and saved. Lives on the training thread.
final class TrainingLoop {

    private final Attempt attempt;
    private final TrainingRun run;
    private final CheckpointSaves saves;
    private final TrainingPlan plan;
    private final SequencedMap<Integer, StepMetrics> told;
    private @Nullable StepMetrics latest;

    /// @param latest what the step measured that the run goes on from, null where it begins
    TrainingLoop(Attempt attempt, TrainingRun run, CheckpointSaves saves, @Nullable StepMetrics latest) {
        this.attempt = attempt;
        this.run = run;
        this.saves = saves;
        this.plan = attempt.job().spec().plan();
        this.latest = latest;
        this.told = new TreeMap<>(attempt.services().history().metrics(attempt.jobId()));
    }

    /// Takes steps until the run is finished.
    ///
    /// @return what stopped it before that
    Optional<RunSignals.StopReason> untilFinished() {
        attempt.signals().activity().finished(run.completedSteps());
        attempt.signals().activity().beginSteps();
        run.goOnWhile(this::goesOn);
        try {
            catchUp();
            while (!run.finished()) {
                if (!goesOn()) {
                    return attempt.signals().stopReason();
                }
                step();
            }
            return Optional.empty();
        } catch (StepAbandoned e) {
            return Optional.of(attempt.signals().stopReason().orElseThrow(() -> e));
        }
    }

    private boolean goesOn() {
        attempt.signals().activity().advance();
        if (attempt.services().catalog().stopRequested(attempt.jobId())) {
            attempt.signals().stop(RunSignals.StopReason.CANCELLED);
        }
        return attempt.signals().stopReason().isEmpty();
    }

    /// Makes up for a measurement that an attempt before was stopped in: the next ones are compared with it.
    private void catchUp() {
        int step = run.completedSteps();
        StepMetrics before = latest;
        boolean measured =
                run.standing().filter(known -> known.latestStep() >= step).isPresent();
        if (before != null && before.step() == step && !measured && evaluationDue(step)) {
            StepMetrics after = withEvaluation(before);
            if (!after.equals(before)) {
                tell(after);
            }
        }
    }

    private boolean evaluationDue(int step) {
        CheckpointCadence cadence = attempt.services().cadence();
        return run.finished()
                || cadence.checkpointDue(plan, step, run.totalSteps())
                || cadence.evaluationDue(plan, step);
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

    /// The last step that is done.
    int lastStep() {
        return run.completedSteps();
    }

    /// What the user should know of a run that has learned nothing.
    Optional<String> warning() {
        return LossTrend.of(told.sequencedValues()).warning();
    }

    /// What the last step measured that was told or saved, null before the first.
    @Nullable
    StepMetrics latest() {
        return latest;
    }

    private void step() {
        long began = System.nanoTime();
        run.stepAhead();
        int step = run.completedSteps();
        attempt.signals().activity().finished(step);
        attempt.services().metrics().steps(Duration.ofNanos(System.nanoTime() - began), 1);
        boolean evaluated = evaluationDue(step);
        if (evaluated || step == 1 || step % plan.logEvery() == 0) {
            tell(evaluated ? withEvaluation(run.measured()) : run.measured());
        }
        // What is the best so far, and what is the last, can be called by its name.
        boolean due = saves.pending()
                || run.finished()
                || attempt.services().cadence().checkpointDue(plan, step, run.totalSteps());
        boolean best = evaluated && bestAt(step);
        if (best && plan.extras().evaluation().loadBest()) {
            save("saving the best checkpoint");
            attempt.signals().activity().beginSteps();
        } else if (due || best || run.finished()) {
            saves.begin(run, checkpoint());
        }
    }

    private void tell(StepMetrics metrics) {
        latest = metrics;
        told.put(metrics.step(), metrics);
        attempt.services().metrics().measured(metrics);
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

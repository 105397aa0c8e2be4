package io.lorica.trainer.api;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.lorica.contracts.adapter.MergeProof;
import io.lorica.contracts.event.DomainEvent;
import io.lorica.contracts.event.EventEnvelope;
import io.lorica.contracts.job.EvaluationStanding;
import io.lorica.contracts.job.MemoryUse;
import io.lorica.contracts.job.ParentAdapter;
import io.lorica.contracts.job.StepMetrics;
import org.jspecify.annotations.Nullable;

/// An event of a job as OpenAI's clients read it (`fine_tuning.job.event`). One of ours may tell of several of
/// theirs.
@JsonInclude(JsonInclude.Include.ALWAYS)
record EventView(
        String id,
        String object,
        @JsonProperty("created_at") long createdAt,
        String level,
        String message,
        String type,
        @Nullable Map<String, Object> data) {

    static Stream<EventView> of(EventEnvelope<?> event) {
        return switch (event.data()) {
            case DomainEvent.JobSubmitted submitted -> submitted(event, submitted);
            case DomainEvent.JobStarted started -> started(event, started);
            case DomainEvent.MemoryReported reported -> Stream.of(memory(event, reported.memory()));
            case DomainEvent.JobProgressed progressed -> progressed(event, progressed.metrics());
            case DomainEvent.CheckpointSaved saved ->
                Stream.of(
                        message(event, 0, "info", "Checkpoint created at step " + saved.step() + ": " + saved.name()));
            case DomainEvent.MergeJudged judged -> Stream.of(judged(event, judged));
            case DomainEvent.GgufJudged judged ->
                Stream.of(message(event, 0, judged.published() ? "info" : "error", judged.message()));
            case DomainEvent.JobSucceeded succeeded ->
                Stream.of(
                        message(event, 0, "info", "New fine-tuned model created: " + created(succeeded)),
                        message(event, 1, "info", "The job has successfully completed"));
            case DomainEvent.JobFailed failed ->
                Stream.of(message(event, 0, "error", "The job failed: " + failed.message()));
            case DomainEvent.JobCancelled cancelled ->
                Stream.of(message(event, 0, "info", "The job was cancelled after step " + cancelled.step()));
            case DomainEvent.PreparationProgressed progressed -> Stream.of(preparation(event, progressed));
            case DomainEvent.JobDelayed delayed -> Stream.of(delayed(event, delayed));
            case DomainEvent.JobInterrupted interrupted ->
                Stream.of(message(event, 0, interrupted.counts() ? "warn" : "info", interrupted(interrupted)));
            case DomainEvent.JobWarned warned -> Stream.of(message(event, 0, "warn", warned.message()));
            case DomainEvent.JobResumed _ ->
                Stream.of(message(event, 0, "info", "The job was resumed, moving job to queued state"));
            case DomainEvent.DatasetPublished _,
                    DomainEvent.DatasetRejected _,
                    DomainEvent.AdapterPublished _,
                    DomainEvent.AdapterRetired _ -> Stream.empty();
        };
    }

    private static String lineage(ParentAdapter parent) {
        return parent.continued()
                ? "The job goes on with the run of " + parent.name() + " from step " + parent.step()
                : "The job trains on " + parent.name() + " in a new run";
    }

    private static Stream<EventView> submitted(EventEnvelope<?> event, DomainEvent.JobSubmitted submitted) {
        String files = submitted.spec().trainingFile()
                + (submitted.spec().validationFile() == null
                        ? ""
                        : " and validation file: " + submitted.spec().validationFile());
        Stream<EventView> views = Stream.of(
                message(event, 0, "info", "Created fine-tuning job: " + submitted.job()),
                message(event, 1, "info", "Validating training file: " + files));
        ParentAdapter parent = submitted.spec().parent();
        return parent == null ? views : Stream.concat(views, Stream.of(message(event, 2, "info", lineage(parent))));
    }

    private static Stream<EventView> started(EventEnvelope<?> event, DomainEvent.JobStarted started) {
        List<EventView> views = new ArrayList<>();
        if (started.resumedFromStep() > 0) {
            views.add(message(
                    event,
                    0,
                    "info",
                    "Fine-tuning job resumed from step " + started.resumedFromStep() + " (attempt " + started.attempt()
                            + ")"));
        } else {
            views.add(message(event, 0, "info", "Fine-tuning job started"));
        }
        if (started.engine() != null) {
            views.add(message(event, views.size(), "info", "Training on " + started.engine()));
        }
        if (started.rows() != null) {
            views.add(message(event, views.size(), "info", started.rows()));
        }
        for (String warning : started.warnings()) {
            views.add(message(event, views.size(), "warn", warning));
        }
        return views.stream();
    }

    private static Stream<EventView> progressed(EventEnvelope<?> event, StepMetrics step) {
        EventView metrics = metrics(event, step);
        EvaluationStanding standing = step.standing();
        if (standing == null || !standing.endsEarly()) {
            return Stream.of(metrics);
        }
        String text = String.format(
                Locale.ROOT,
                "The job ends early: the last %d measurements of the validation loss were no better than %.4f after step"
                        + " %d",
                standing.withoutProgress(),
                standing.bestLoss(),
                standing.bestStep());
        return Stream.of(metrics, message(event, 1, "info", text));
    }

    private static EventView preparation(EventEnvelope<?> event, DomainEvent.PreparationProgressed progress) {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("stage", progress.stage().wireName());
        data.put("done", progress.done());
        data.put("total", progress.total());
        return new EventView(
                id(event, 0),
                "fine_tuning.job.event",
                seconds(event),
                "info",
                PreparationText.of(progress),
                "message",
                data);
    }

    private static EventView delayed(EventEnvelope<?> event, DomainEvent.JobDelayed delayed) {
        Instant until = delayed.until();
        String text = until == null
                ? "Waiting since " + delayed.since().truncatedTo(ChronoUnit.SECONDS) + " (" + delayed.doing() + "): "
                        + delayed.message()
                : "The wait is over after "
                        + Duration.between(delayed.since(), until).toSeconds() + " s (" + delayed.doing() + ")";
        return message(event, 0, until == null ? "warn" : "info", text);
    }

    private static String interrupted(DomainEvent.JobInterrupted interrupted) {
        return "Attempt " + interrupted.attempt() + " ended ("
                + interrupted.code().wireName() + "): " + interrupted.message();
    }

    private static String created(DomainEvent.JobSucceeded succeeded) {
        EvaluationStanding.Measured lowest = succeeded.lowest();
        return succeeded.model()
                + (lowest == null
                        ? ""
                        : String.format(
                                Locale.ROOT,
                                ", the adapter after step %d, whose validation loss of %.4f was the lowest",
                                lowest.step(),
                                lowest.loss()));
    }

    private static EventView memory(EventEnvelope<?> event, MemoryUse memory) {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("device", memory.device());
        data.put("forecast_bytes", memory.forecast());
        data.put("weights_bytes", memory.weights());
        data.put("adapter_bytes", memory.adapter());
        data.put("kept_bytes", memory.kept());
        data.put("working_bytes", memory.working());
        put(data, "free_bytes", memory.free());
        put(data, "measured_bytes", memory.measured());
        put(data, "measured_by_forecast", memory.ratio());
        String level = memory.unasked() == null ? "info" : "warn";
        return new EventView(
                id(event, 0), "fine_tuning.job.event", seconds(event), level, memory.sentence(), "message", data);
    }

    private static EventView judged(EventEnvelope<?> event, DomainEvent.MergeJudged judged) {
        String level = judged.published() ? "info" : "error";
        return new EventView(
                id(event, 0),
                "fine_tuning.job.event",
                seconds(event),
                level,
                judged.message(),
                "message",
                data(judged.proof()));
    }

    private static @Nullable Map<String, Object> data(@Nullable MergeProof proof) {
        if (proof == null) {
            return null;
        }
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("compared", proof.compared());
        data.put("rows", proof.rows());
        data.put("positions", proof.positions());
        data.put("max_logit_difference", proof.greatestLogitDifference());
        data.put("mean_kl", proof.meanDivergence());
        data.put("max_kl", proof.greatestDivergence());
        data.put("greedy_agreement", proof.greedyAgreement());
        data.put("finding", proof.finding().wireName());
        data.put("decisive_positions", proof.decisivePositions());
        data.put("decisive_agreement", proof.decisiveAgreement());
        data.put("rounding_mean_kl", proof.rounding().meanDivergence());
        data.put("rounding_max_logit_difference", proof.rounding().greatestLogitDifference());
        return data;
    }

    private static EventView message(EventEnvelope<?> event, int part, String level, String text) {
        return new EventView(id(event, part), "fine_tuning.job.event", seconds(event), level, text, "message", null);
    }

    private static EventView metrics(EventEnvelope<?> event, StepMetrics step) {
        String text = String.format(
                Locale.ROOT, "Step %d/%d: training loss=%.4f", step.step(), step.totalSteps(), step.trainLoss());
        if (step.validationLoss() != null) {
            text += String.format(Locale.ROOT, ", validation loss=%.4f", step.validationLoss());
        }
        return new EventView(
                id(event, 0), "fine_tuning.job.event", seconds(event), "info", text, "metrics", data(step));
    }

    /// What a step measured, by the names that OpenAI gives; then ours.
    static Map<String, Object> data(StepMetrics step) {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("step", step.step());
        data.put("total_steps", step.totalSteps());
        data.put("train_loss", step.trainLoss());
        data.put("train_mean_token_accuracy", step.trainTokenAccuracy());
        put(data, "valid_loss", step.validationLoss());
        put(data, "valid_mean_token_accuracy", step.validationTokenAccuracy());
        put(data, "full_valid_loss", step.validationLoss());
        put(data, "full_valid_mean_token_accuracy", step.validationTokenAccuracy());
        put(data, "think_loss", step.thinkLoss());
        put(data, "answer_loss", step.answerLoss());
        data.put("grad_norm", step.gradientNorm());
        data.put("learning_rate", step.learningRate());
        data.put("tokens_per_second", step.tokensPerSecond());
        data.put("trained_tokens", step.trainedTokens());
        put(data, "gpu_memory_reserved_bytes", step.gpuMemory());
        EvaluationStanding standing = step.standing();
        if (standing != null) {
            data.put("best_valid_loss", standing.lowestMeasured().loss());
            data.put("best_step", standing.lowestMeasured().step());
        }
        return data;
    }

    private static void put(Map<String, Object> data, String name, @Nullable Number value) {
        if (value != null) {
            data.put(name, value);
        }
    }

    private static String id(EventEnvelope<?> event, int part) {
        return "ftevent-" + event.id().replace("-", "") + (part == 0 ? "" : "-" + part);
    }

    private static long seconds(EventEnvelope<?> event) {
        return event.time().getEpochSecond();
    }
}

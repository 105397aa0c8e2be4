package io.lorica.trainer;

import java.time.Instant;
import java.util.List;

import io.lorica.contracts.adapter.AdapterManifest;
import io.lorica.contracts.adapter.ArtifactFile;
import io.lorica.contracts.dataset.DatasetManifest;
import io.lorica.contracts.event.DomainEvent;
import io.lorica.contracts.id.BaseModelId;
import io.lorica.contracts.id.DatasetVersionId;
import io.lorica.contracts.id.FileId;
import io.lorica.contracts.id.JobId;
import io.lorica.contracts.job.JobSpec;
import io.lorica.contracts.job.LearningRateSchedule;
import io.lorica.contracts.job.LoraSpec;
import io.lorica.contracts.job.LossRegion;
import io.lorica.contracts.job.StepMetrics;
import io.lorica.contracts.job.TrainingPlan;
import io.lorica.contracts.template.PromptTemplate;
import io.lorica.trainer.job.Job;

/// Jobs at every point of their life.
public final class Jobs {

    public static final Instant NOW = Instant.parse("2026-11-24T08:00:00Z");
    public static final FileId ROWS = new FileId("file-0123456789abcdefghijkl");
    public static final JobSpec SPEC = spec(
            new LoraSpec(8, 16, 0, LoraSpec.ALL_PROJECTIONS, false),
            new TrainingPlan(2, 1, 3, null, 1e-3, LearningRateSchedule.LINEAR, 0, 0.01, 1.0, 512, 0, 1, null));

    private static final String DIGEST = "ab".repeat(32);

    private Jobs() {}

    public static JobSpec spec(LoraSpec lora, TrainingPlan plan) {
        BaseModelId model = new BaseModelId("lorica/demo");
        return JobSpec.of(model, ROWS, PromptTemplate.DEEPSEEK_R1, "<|endoftext|>", lora, plan, 1);
    }

    public static Job submitted() {
        return Job.submit(JobId.random(), SPEC, "lorica", NOW).job();
    }

    public static Job queued() {
        Job job = submitted();
        return job.filesValidated(published(job)).orElseThrow().job();
    }

    public static Job running(int attempt) {
        return queued().started(attempt, 30, 0, List.of(), "cpu", NOW)
                .orElseThrow()
                .job();
    }

    public static Job succeeded() {
        return running(1).succeeded(1, 900, List.of(ROWS), NOW).orElseThrow().job();
    }

    public static Job succeededWithoutExports() {
        return running(1)
                .succeeded(1, 900, null, List.of(ROWS), false, NOW)
                .orElseThrow()
                .job();
    }

    public static DomainEvent.DatasetPublished published(Job job) {
        return new DomainEvent.DatasetPublished(version(), "datasets/manifest.json", job.id(), null, null);
    }

    public static DatasetManifest version() {
        return new DatasetManifest(
                new DatasetVersionId("dsv-" + "0a".repeat(12)),
                ROWS,
                DIGEST,
                PromptTemplate.DEEPSEEK_R1,
                PromptTemplate.DEEPSEEK_R1.digest(),
                "<|endoftext|>",
                LossRegion.ALL,
                12,
                12,
                0,
                List.of(),
                DIGEST,
                NOW);
    }

    public static StepMetrics metrics(int step) {
        return metrics(step, 30);
    }

    public static StepMetrics metrics(int step, int totalSteps) {
        return new StepMetrics(
                step, totalSteps, 2.5, 0.5, null, 2.25, 1.5, 1e-3, 4000, 100L * step, null, null, null, null);
    }

    public static AdapterManifest checkpoint(Job job, int attempt, int step, List<ArtifactFile> files) {
        return new AdapterManifest(
                job.adapter(),
                job.modelName().checkpoint(step),
                job.id(),
                attempt,
                step,
                job.spec(),
                version().id(),
                version().templateDigest(),
                metrics(step),
                files,
                List.of(),
                List.of(),
                "CPU",
                "0.1.0",
                NOW);
    }
}

package io.lorica.trainer.api;

import java.util.List;
import java.util.stream.Stream;

import io.lorica.contracts.adapter.MergeProof;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.event.DomainEvent;
import io.lorica.contracts.event.EventEnvelope;
import io.lorica.contracts.job.EvaluationStanding;
import io.lorica.contracts.job.MemoryUse;
import io.lorica.contracts.job.PreparationStage;
import io.lorica.contracts.job.StepMetrics;
import io.lorica.trainer.Jobs;
import io.lorica.trainer.job.Job;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

class EventViewTest {

    private final Job job = Jobs.running(1);

    @Test
    void tellsOfAStepWithItsNumbers() {
        // Given
        StepMetrics step =
                new StepMetrics(7, 30, 1.25, 0.5, 1.5, 1.0, 0.75, 1e-3, 4000, 700, 2.5, 0.25, null, 18L << 30);

        // When
        List<EventView> views = views(new DomainEvent.JobProgressed(job.id(), 1, step));

        // Then
        assertThat(views).singleElement().satisfies(view -> {
            assertThat(view.type()).isEqualTo("metrics");
            assertThat(view.message()).isEqualTo("Step 7/30: training loss=1.2500, validation loss=2.5000");
            assertThat(view.data())
                    .containsEntry("step", 7)
                    .containsEntry("train_loss", 1.25)
                    .containsEntry("valid_loss", 2.5)
                    .containsEntry("think_loss", 1.5)
                    .containsEntry("answer_loss", 1.0)
                    .containsEntry("gpu_memory_reserved_bytes", 18L << 30);
        });
    }

    @Test
    void saysWhyARunEndsEarly() {
        // Given
        StepMetrics step = Jobs.metrics(30).measured(2.5, 0.25, new EvaluationStanding(2.25, 10, 30, 2, true));

        // When
        List<EventView> views = views(new DomainEvent.JobProgressed(job.id(), 1, step));

        // Then
        assertThat(views).hasSize(2);
        assertThat(views.getFirst().data()).containsEntry("best_step", 10).containsEntry("best_valid_loss", 2.25);
        assertThat(views.getLast().message())
                .isEqualTo(
                        "The job ends early: the last 2 measurements of the validation loss were no better than 2.2500"
                                + " after step 10");
    }

    @Test
    void leavesOutWhatWasNotMeasured() {
        assertThat(EventView.data(Jobs.metrics(1)))
                .doesNotContainKeys("valid_loss", "think_loss", "gpu_memory_reserved_bytes");
    }

    @Test
    void givesEveryMessageAnIdOfItsOwn() {
        // When
        List<EventView> views = views(new DomainEvent.JobSucceeded(job.id(), 1, job.modelName(), 900, null));

        // Then
        assertThat(views)
                .extracting(EventView::message)
                .containsExactly(
                        "New fine-tuned model created: " + job.modelName(), "The job has successfully completed");
        assertThat(views).extracting(EventView::id).doesNotHaveDuplicates();
    }

    @Test
    void tellsWhichAdapterWasChosen() {
        // Given
        EvaluationStanding.Measured lowest = new EvaluationStanding.Measured(1.25, 40);

        // When
        List<EventView> views = views(new DomainEvent.JobSucceeded(job.id(), 1, job.modelName(), 900, lowest));

        // Then
        assertThat(views.getFirst().message())
                .endsWith(", the adapter after step 40, whose validation loss of 1.2500 was the lowest");
    }

    @Test
    void warnsOfWhatATrainerNoticed() {
        // When
        List<EventView> views = views(new DomainEvent.JobStarted(
                job.id(), 2, 30, 12, List.of("3 rows were cut"), "cpu; gradients: by hand", "Training file: some"));

        // Then
        assertThat(views).extracting(EventView::level).containsExactly("info", "info", "info", "warn");
        assertThat(views.getFirst().message()).contains("resumed from step 12", "attempt 2");
        assertThat(views.get(1).message()).isEqualTo("Training on cpu; gradients: by hand");
        assertThat(views.get(2).message()).isEqualTo("Training file: some");
        assertThat(views).extracting(EventView::id).doesNotHaveDuplicates();
    }

    @Test
    void tellsWhatAJobIsForecastToTakeOfMemory() {
        // Given
        MemoryUse memory =
                new MemoryUse("cuda:0", 18L << 30, 14L << 30, 1L << 30, 2L << 30, 512L << 20, 24L << 30, null, null);

        // When
        List<EventView> views = views(new DomainEvent.MemoryReported(job.id(), 1, memory));

        // Then
        assertThat(views).singleElement().satisfies(view -> {
            assertThat(view.level()).isEqualTo("info");
            assertThat(view.message())
                    .isEqualTo("The job is forecast to take 18.0 GiB (weights 14.0 GiB, adapter 1.0 GiB, kept 2.0 GiB,"
                            + " working 512 MiB) of memory; 24.0 GiB are free on cuda:0");
            assertThat(view.data()).containsEntry("free_bytes", 24L << 30).doesNotContainKey("measured_bytes");
        });
    }

    @Test
    void comparesTheMemoryThatAJobTookWithItsForecast() {
        // Given
        MemoryUse memory = new MemoryUse("cuda:0", 16L << 30, 14L << 30, 1, 1, 1, null, "there is no NVRTC", null);

        // When
        EventView before =
                views(new DomainEvent.MemoryReported(job.id(), 1, memory)).getFirst();
        EventView after = views(new DomainEvent.MemoryReported(job.id(), 1, memory.measured(12L << 30)))
                .getFirst();

        // Then
        assertThat(before.level()).isEqualTo("warn");
        assertThat(before.message()).contains("could not be asked", "there is no NVRTC");
        assertThat(after.message())
                .isEqualTo(
                        "At its peak the job took 12.0 GiB of memory on cuda:0, 0.75 times the forecast of 16.0 GiB");
        assertThat(after.data()).containsEntry("measured_bytes", 12L << 30).containsEntry("measured_by_forecast", 0.75);
    }

    @Test
    void tellsWhatTheMergeProofFound() {
        // Given
        MergeProof proof = MergeProof.judged(
                "this with that",
                8,
                256,
                new MergeProof.Distance(0.03, 1e-5, 1e-4, 0.996, 200, 1),
                new MergeProof.Rounding(0.04, 2e-5, 0.99),
                new MergeProof.Matrices(100, 1.1, null));

        // When
        List<EventView> views = views(new DomainEvent.MergeJudged(job.id(), 1, true, proof.sentence(), proof));

        // Then
        assertThat(views).singleElement().satisfies(view -> {
            assertThat(view.level()).isEqualTo("info");
            assertThat(view.message()).contains("99.6 % of 256 positions");
            assertThat(view.message()).contains("near ties");
            assertThat(view.data())
                    .containsEntry("mean_kl", 1e-5)
                    .containsEntry("max_logit_difference", 0.03)
                    .containsEntry("finding", "near_ties")
                    .containsEntry("rounding_mean_kl", 2e-5);
        });
    }

    @Test
    void marksWithheldWeightsAsAnError() {
        assertThat(views(new DomainEvent.MergeJudged(job.id(), 1, false, "merge_proof_failed: Far off.", null)))
                .singleElement()
                .satisfies(view -> assertThat(view.level()).isEqualTo("error"));
    }

    @ParameterizedTest
    @CsvSource({"true, info", "false, error"})
    void tellsOfAGgufFile(boolean published, String level) {
        // When
        List<EventView> views =
                views(new DomainEvent.GgufJudged(job.id(), 1, "model-f16.gguf", published, "What it is."));

        // Then
        assertThat(views).singleElement().satisfies(view -> {
            assertThat(view.level()).isEqualTo(level);
            assertThat(view.message()).isEqualTo("What it is.");
        });
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    FORMATTING  | 1048576    | 4194304    | Formatting rows: 1.0 of 4.0 MiB (25 %)
                    DOWNLOADING | 1073741824 | 3221225472 | Downloading the base model: 1.0 of 3.0 GiB (33 %)
                    TOKENIZING  | 10240      | 25371      | Tokenizing rows: 10240 of 25371 (40 %)
                    """)
    void saysHowFarThePreparationIs(PreparationStage stage, long done, long total, String message) {
        assertThat(views(new DomainEvent.PreparationProgressed(job.id(), 1, stage, done, total)))
                .singleElement()
                .satisfies(view -> {
                    assertThat(view.message()).isEqualTo(message);
                    assertThat(view.data()).containsEntry("done", done).containsEntry("total", total);
                });
    }

    @Test
    void saysWhatAJobWaitsForAndSinceWhen() {
        // Given
        DomainEvent.JobDelayed waits = new DomainEvent.JobDelayed(
                job.id(), 1, "saving the last checkpoint", ErrorCode.OUT_OF_DISK, "No space.", Jobs.NOW, null);
        DomainEvent.JobDelayed over = new DomainEvent.JobDelayed(
                job.id(),
                1,
                "saving the last checkpoint",
                ErrorCode.OUT_OF_DISK,
                "No space.",
                Jobs.NOW,
                Jobs.NOW.plusSeconds(90));

        // When
        List<EventView> views =
                Stream.of(waits, over).flatMap(event -> views(event).stream()).toList();

        // Then
        assertThat(views)
                .extracting(EventView::level, EventView::message)
                .containsExactly(
                        tuple("warn", "Waiting since 2026-11-24T08:00:00Z (saving the last checkpoint): No space."),
                        tuple("info", "The wait is over after 90 s (saving the last checkpoint)"));
    }

    @Test
    void saysWhyAnAttemptEnded() {
        assertThat(views(new DomainEvent.JobInterrupted(job.id(), 2, ErrorCode.STALLED, "It stood still.", true)))
                .singleElement()
                .satisfies(view -> {
                    assertThat(view.level()).isEqualTo("warn");
                    assertThat(view.message()).isEqualTo("Attempt 2 ended (stalled): It stood still.");
                });
    }

    @Test
    void marksAFailureAsAnError() {
        assertThat(views(new DomainEvent.JobFailed(job.id(), 1, ErrorCode.OUT_OF_MEMORY, "Too big.", null)))
                .singleElement()
                .satisfies(view -> assertThat(view.level()).isEqualTo("error"));
    }

    private static List<EventView> views(DomainEvent event) {
        return EventView.of(EventEnvelope.of(event, "/lorica/test", Jobs.NOW)).toList();
    }
}

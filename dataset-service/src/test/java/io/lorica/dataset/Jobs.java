package io.lorica.dataset;

import io.lorica.contracts.event.DomainEvent.JobSubmitted;
import io.lorica.contracts.id.AdapterId;
import io.lorica.contracts.id.BaseModelId;
import io.lorica.contracts.id.FileId;
import io.lorica.contracts.id.JobId;
import io.lorica.contracts.job.JobSpec;
import io.lorica.contracts.job.LearningRateSchedule;
import io.lorica.contracts.job.LoraSpec;
import io.lorica.contracts.job.TrainingPlan;
import io.lorica.contracts.template.PromptTemplate;
import org.jspecify.annotations.Nullable;

/// Jobs as the trainers submit them.
public final class Jobs {

    public static final String TERMINATOR = "<|endoftext|>";

    private Jobs() {}

    /// A job that trains on a file.
    public static JobSubmitted on(FileId training) {
        return on(training, null);
    }

    /// A job that trains on one file and measures on another.
    public static JobSubmitted on(FileId training, @Nullable FileId validation) {
        return new JobSubmitted(JobId.random(), AdapterId.random(), spec(training, validation));
    }

    private static JobSpec spec(FileId training, @Nullable FileId validation) {
        TrainingPlan plan =
                new TrainingPlan(2, 1, 1, null, 1e-4, LearningRateSchedule.LINEAR, 0, 0.01, 1.0, 512, 0, 1, null);
        LoraSpec lora = new LoraSpec(8, 16, 0, LoraSpec.ALL_PROJECTIONS, false);
        BaseModelId model = new BaseModelId("lorica/demo");
        return JobSpec.of(model, training, PromptTemplate.REFERENCE_EN, TERMINATOR, lora, plan, 1)
                .withValidationFile(validation);
    }
}

package io.lorica.trainer.api;

import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import io.lorica.contracts.job.AdapterStart;
import io.lorica.contracts.job.BaseQuantization;
import io.lorica.contracts.job.ComputeType;
import io.lorica.contracts.job.EvaluationSpec;
import io.lorica.contracts.job.GradientCheckpointing;
import io.lorica.contracts.job.JobSpec;
import io.lorica.contracts.job.LearningRateSchedule;
import io.lorica.contracts.job.LoraBias;
import io.lorica.contracts.job.LoraOptions;
import io.lorica.contracts.job.LoraSpec;
import io.lorica.contracts.job.LossRegion;
import io.lorica.contracts.job.OptimizerKind;
import io.lorica.contracts.job.OptimizerSpec;
import io.lorica.contracts.job.OverLength;
import io.lorica.contracts.job.PrecisionSpec;
import io.lorica.contracts.job.RowPolicy;
import io.lorica.contracts.job.ScheduleShape;
import io.lorica.contracts.job.TrainingOptions;
import io.lorica.contracts.job.TrainingPlan;
import io.lorica.kit.event.EventCodec;
import io.lorica.trainer.Jobs;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

class HyperparametersTest {

    private static final LoraSpec PLAIN = new LoraSpec(16, 16, 0, LoraSpec.ALL_PROJECTIONS, false);
    private static final TrainingPlan USUAL =
            new TrainingPlan(2, 4, 3, null, 2e-4, LearningRateSchedule.LINEAR, 5, 0.01, 1, 1024, 0, 10, null);

    static List<JobSpec> specs() {
        TrainingOptions unusual = new TrainingOptions(
                new ScheduleShape(0.03, 2.0, null, null, null),
                new OptimizerSpec(OptimizerKind.PAGED_ADAMW_8BIT, 0.8, 0.95, 1e-6),
                new PrecisionSpec(ComputeType.BFLOAT16, BaseQuantization.NF4, false, true),
                new RowPolicy(OverLength.SPLIT, true, LossRegion.FULL),
                new EvaluationSpec(50, 3, 0.001, true),
                GradientCheckpointing.OFFLOAD,
                5);
        TrainingPlan plan = new TrainingPlan(
                1, 1, 1, 7, 1e-3, LearningRateSchedule.COSINE_WITH_RESTARTS, 0, 0, 0, 512, 3, 2, unusual);
        LoraOptions options = new LoraOptions(
                true,
                ".*\\.(q|v)_proj",
                List.of(0, 2),
                Map.of("q_proj", 4),
                Map.of("v_proj", 2.5),
                4.0,
                LoraBias.LORA_ONLY,
                List.of("lm_head"),
                new AdapterStart(AdapterStart.Method.PISSA, 16),
                ".*layers\\.0\\..*");
        LoraOptions quantised = new LoraOptions(
                false,
                null,
                List.of(),
                Map.of(),
                Map.of(),
                null,
                LoraBias.NONE,
                List.of(),
                new AdapterStart(AdapterStart.Method.LOFTQ, 5));
        LoraSpec some = new LoraSpec(4, 8, 0.1, List.of("q_proj"), true, quantised);
        return List.of(
                Jobs.spec(PLAIN, USUAL),
                Jobs.spec(new LoraSpec(8, 16, 0, LoraSpec.ALL_PROJECTIONS, false, options), plan),
                Jobs.spec(some, USUAL));
    }

    @ParameterizedTest
    @MethodSource("specs")
    void readsAJobsOwnAnswerAsTheSameJob(JobSpec spec) throws JsonProcessingException {
        // Given
        String json = EventCodec.json().writeValueAsString(HyperparameterView.all(spec));
        Map<String, JsonNode> given = EventCodec.json().readValue(json, new TypeReference<>() {});
        Hyperparameters values = new Hyperparameters("hyperparameters", given);

        // When
        TrainingPlan plan = new PlanReader(values, 1024, true).read();
        LoraSpec lora = new AdapterReader(values).read();

        // Then
        assertThat(plan).isEqualTo(spec.plan());
        assertThat(lora).isEqualTo(spec.lora());
        values.text("template");
        values.flag("export_merged", false);
        values.refuseUnknown();
    }
}

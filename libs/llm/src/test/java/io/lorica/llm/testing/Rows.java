package io.lorica.llm.testing;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

import io.lorica.contracts.dataset.TrainingExample;
import io.lorica.contracts.id.BaseModelId;
import io.lorica.contracts.id.FileId;
import io.lorica.contracts.job.JobSpec;
import io.lorica.contracts.job.LearningRateSchedule;
import io.lorica.contracts.job.LoraSpec;
import io.lorica.contracts.job.TrainingPlan;
import io.lorica.contracts.template.PromptTemplate;
import io.lorica.contracts.template.RenderedExample;

/// Rows to learn and specs to learn them with.
public final class Rows {

    private Rows() {}

    /// Short rows of different lengths.
    public static List<TrainingExample> of(int count) {
        return IntStream.range(0, count).mapToObj(Rows::row).toList();
    }

    private static TrainingExample row(int i) {
        String thinking = "\n" + "so ".repeat(1 + i % 4) + i + "\n</think>\n";
        RenderedExample rendered =
                new RenderedExample("What is " + i + "?\n<think>", thinking, "It is " + (i * i), TinyModel.EOS);
        return TrainingExample.of(i + 1, Map.of(), rendered);
    }

    public static JobSpec spec(TrainingPlan plan, double dropout) {
        return spec(plan, dropout, new LoraSpec(4, 8, dropout, LoraSpec.ALL_PROJECTIONS, false));
    }

    /// A specification of an adapter of that kind.
    public static JobSpec spec(TrainingPlan plan, double dropout, LoraSpec kind) {
        LoraSpec lora = new LoraSpec(
                kind.rank(), kind.alpha(), dropout, kind.targetModules(), kind.rankStabilized(), kind.options());
        return JobSpec.of(
                new BaseModelId("tiny"), FileId.random(), PromptTemplate.REFERENCE_EN, TinyModel.EOS, lora, plan, 3407);
    }

    public static TrainingPlan plan(int batchSize, int accumulation, int steps) {
        return new TrainingPlan(
                batchSize, accumulation, 1, steps, 1e-2, LearningRateSchedule.LINEAR, 1, 0.01, 1.0, 256, 0, 1, null);
    }
}

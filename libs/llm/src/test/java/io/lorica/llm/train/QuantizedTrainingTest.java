package io.lorica.llm.train;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import io.lorica.contracts.dataset.TrainingExample;
import io.lorica.contracts.job.AdapterStart;
import io.lorica.contracts.job.BaseQuantization;
import io.lorica.contracts.job.ComputeType;
import io.lorica.contracts.job.JobSpec;
import io.lorica.contracts.job.LoraBias;
import io.lorica.contracts.job.LoraOptions;
import io.lorica.contracts.job.LoraSpec;
import io.lorica.contracts.job.PrecisionSpec;
import io.lorica.contracts.job.TrainingOptions;
import io.lorica.llm.model.CausalLm;
import io.lorica.llm.model.LoadPlan;
import io.lorica.llm.model.ModelLoader;
import io.lorica.llm.model.ProjectionKind;
import io.lorica.llm.quantize.WeightFormat;
import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.testing.ResumedRun;
import io.lorica.llm.testing.Rows;
import io.lorica.llm.testing.TinyModel;
import io.lorica.llm.weights.ModelDirectory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

/// QLoRA (https://arxiv.org/abs/2305.14314): an adapter learns on frozen weights of few bits.
class QuantizedTrainingTest {

    private static final List<TrainingExample> ROWS = Rows.of(6);

    @TempDir
    private Path directory;

    private Path model;

    @BeforeEach
    void writeModel() throws IOException {
        model = TinyModel.qwen2().write(directory.resolve("model"));
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void theLossStaysNearThatOfLoraOnFullWeights(BaseQuantization base) {
        // Given
        List<Double> full = losses(BaseQuantization.NONE);

        // When
        List<Double> few = losses(base);

        // Then: random weights lose more to 4 bits than trained ones do; the adapter makes up for it
        double distance = base.fourBit() ? 0.1 : 0.01;
        assertThat(few.getLast()).isLessThan(full.getFirst() / 2);
        assertThat(few).isNotEqualTo(full);
        for (int step = 0; step < full.size(); step++) {
            assertThat(few.get(step)).isCloseTo(full.get(step), within(distance * full.getFirst()));
        }
    }

    @Test
    void holdsAsManyTensorsAfterManyStepsAsAfterOne() {
        // Given
        try (LoraTrainingRun run = (LoraTrainingRun) open(BaseQuantization.NF4)) {
            run.step();
            int afterOne = run.tensorCount();

            // When
            for (int i = 0; i < 5; i++) {
                run.step();
            }

            // Then
            assertThat(run.tensorCount()).isEqualTo(afterOne);
        }
    }

    @Test
    void aModelTakesTheBytesThatItsFormatsAddUpTo() {
        // Given
        try (TensorScope scope = TensorScope.open("test")) {
            // When
            CausalLm loaded = load(scope, WeightFormat.NF4_DOUBLE);

            // Then: embedding, norms and biases in 32 bits; each matrix half a byte an element, a byte a block of 64,
            // and
            // four bytes a block of 256 blocks and for the mean
            long full = 512 * 32 + 32 + 2 * (2 * 32 + 32 + 16 + 16);
            long matrices = 0;
            for (ProjectionKind kind : ProjectionKind.values()) {
                long elements =
                        (long) loaded.config().outputs(kind) * loaded.config().inputs(kind);
                matrices += elements / 2 + elements / 64 + 4 + 4;
            }
            assertThat(loaded.bytes()).isEqualTo(4 * full + 2 * matrices);
        }
    }

    @Test
    void theMergedModelHoldsWhatTheBitsStandFor() {
        // Given
        try (TrainingRun run = open(BaseQuantization.NF4);
                TensorScope scope = TensorScope.open("test")) {
            // When: B is zero before the first step
            run.saveMerged(directory.resolve("merged"));

            // Then
            CausalLm merged = ModelLoader.load(scope, new ModelDirectory(directory.resolve("merged")));
            CausalLm few = load(scope, WeightFormat.NF4_DOUBLE);
            for (ProjectionKind kind : ProjectionKind.values()) {
                assertThat(values(merged, kind, scope)).containsExactly(rounded(values(few, kind, scope), scope));
            }
        }
    }

    @Test
    void loftqStartsNearerToTheFullModelThanFewBitsAlone() {
        // Given
        double full = firstLoss(job(BaseQuantization.NONE, AdapterStart.DEFAULTS));
        double bits = firstLoss(job(BaseQuantization.NF4, AdapterStart.DEFAULTS));

        // When
        double start = firstLoss(job(BaseQuantization.NF4, new AdapterStart(AdapterStart.Method.LOFTQ, 3)));

        // Then
        assertThat(Math.abs(start - full)).isLessThan(Math.abs(bits - full));
    }

    @Test
    void aRunOnLoftqGoesOnBitForBit() throws IOException {
        // Given
        JobSpec spec = job(BaseQuantization.NF4, new AdapterStart(AdapterStart.Method.LOFTQ, 2));

        // When
        ResumedRun run = ResumedRun.of(directory, model, spec, ROWS, 1);

        // Then
        assertThat(run.differences()).isEmpty();
    }

    @Test
    void loftqWithoutQuantisationIsRefused() {
        // Given
        JobSpec spec = job(BaseQuantization.NONE, new AdapterStart(AdapterStart.Method.LOFTQ, null));

        // When // Then
        assertThatThrownBy(() -> open(spec, Optional.empty())).hasMessageContaining("set quantization");
    }

    private CausalLm load(TensorScope scope, WeightFormat format) {
        return ModelLoader.load(
                scope, new ModelDirectory(model), LoadPlan.of(ElementType.F32).with(format));
    }

    private static float[] values(CausalLm model, ProjectionKind kind, TensorScope scope) {
        return model.weights()
                .layers()
                .get(1)
                .projection(kind)
                .weight()
                .values(scope)
                .toFloatArray();
    }

    private static float[] rounded(float[] values, TensorScope scope) {
        return scope.floats(values, values.length).to(ElementType.BF16).toFloatArray();
    }

    private List<Double> losses(BaseQuantization base) {
        List<Double> losses = new ArrayList<>();
        try (TrainingRun run = open(base)) {
            for (int i = 0; i < 30; i++) {
                losses.add(run.step().trainLoss());
            }
        }
        return losses;
    }

    private double firstLoss(JobSpec spec) {
        try (TrainingRun run = open(spec, Optional.empty())) {
            return run.step().trainLoss();
        }
    }

    private TrainingRun open(BaseQuantization base) {
        return open(job(base, AdapterStart.DEFAULTS), Optional.empty());
    }

    private TrainingRun open(JobSpec spec, Optional<Path> checkpoint) {
        return new LoraTrainingEngine().open(model, spec, ROWS, List.of(), checkpoint);
    }

    private static JobSpec job(BaseQuantization base, AdapterStart start) {
        PrecisionSpec precision = new PrecisionSpec(ComputeType.FLOAT32, base, base.fourBit());
        LoraOptions options =
                new LoraOptions(false, null, List.of(), Map.of(), Map.of(), null, LoraBias.NONE, List.of(), start);
        LoraSpec lora = new LoraSpec(4, 8, 0, LoraSpec.ALL_PROJECTIONS, false, options);
        return Rows.spec(Rows.plan(3, 1, 30).with(TrainingOptions.DEFAULTS.with(precision)), 0, lora);
    }
}

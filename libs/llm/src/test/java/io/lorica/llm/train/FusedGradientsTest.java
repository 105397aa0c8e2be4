package io.lorica.llm.train;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import io.lorica.contracts.job.LoraSpec;
import io.lorica.llm.fused.FusedModel;
import io.lorica.llm.lora.AdapterFiles;
import io.lorica.llm.lora.AdapterParameters;
import io.lorica.llm.model.ActivationPolicy;
import io.lorica.llm.model.AdapterRoom;
import io.lorica.llm.model.CausalLm;
import io.lorica.llm.model.LoadPlan;
import io.lorica.llm.model.ModelConfigReader;
import io.lorica.llm.model.ModelLoader;
import io.lorica.llm.quantize.WeightFormat;
import io.lorica.llm.tensor.Autograd;
import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.testing.Golden;
import io.lorica.llm.testing.Gradients;
import io.lorica.llm.weights.ModelDirectory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/// Gradients by hand against automatic differentiation, which is itself tested against the reference.
class FusedGradientsTest {

    /// Sums in another order: some hundred times float32's rounding.
    private static final double SINGLE = 2e-5;
    /// Bfloat16 keeps 8 bits; the bound of the golden gradients.
    private static final double BRAIN_FLOAT = 2e-2;

    private static final List<TokenizedExample> ROWS = List.of(
            new TokenizedExample(1, new int[] {5, 9, 2, 7, 31, 8, 25, 3, 60, 11, 4}, 2, 5),
            new TokenizedExample(2, new int[] {40, 41, 42, 26}, 1, 2),
            new TokenizedExample(3, new int[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 4, 6));

    private record Outcome(double loss, double accuracy, Map<String, float[]> gradients) {}

    @ParameterizedTest
    @ValueSource(
            strings = {
                "qwen2",
                "llama",
                "mistral",
                "llama-linear",
                "llama-dynamic",
                "qwen2-yarn",
                "peft-patterns",
                "peft-layers",
                "peft-paths"
            })
    void equalAutomaticDifferentiation(String name) throws IOException {
        check(name, ElementType.F32, ActivationPolicy.KEEP, SINGLE);
    }

    @ParameterizedTest
    @EnumSource(ActivationPolicy.class)
    void equalAutomaticDifferentiationWhateverIsKept(ActivationPolicy policy) throws IOException {
        check("llama", ElementType.F32, policy, SINGLE);
    }

    @ParameterizedTest
    @EnumSource(names = {"NF4_DOUBLE", "FP4", "INT8"})
    void equalAutomaticDifferentiationOnWeightsInFewBits(WeightFormat format) throws IOException {
        check("qwen2", LoadPlan.of(ElementType.F32).with(format), ActivationPolicy.RECOMPUTE, SINGLE);
    }

    @ParameterizedTest
    @EnumSource(names = {"NF4", "NF4_DOUBLE", "INT8"})
    void areAsNearInBrainFloatOnWeightsInFewBits(WeightFormat format) throws IOException {
        // The numbers that bits stand for are rounded too, so the bound is that of one rounding more.
        check("qwen2-bf16", LoadPlan.of(ElementType.BF16).with(format), ActivationPolicy.RECOMPUTE, 2 * BRAIN_FLOAT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"qwen2-bf16", "llama-bf16", "mistral-bf16"})
    void areAsNearInBrainFloatAsItsRoundingAllows(String name) throws IOException {
        // The weights are stored in bfloat16, so that float32 computes with the very same and is the exact result.
        check(name, ElementType.BF16, ActivationPolicy.RECOMPUTE, BRAIN_FLOAT);
    }

    @Test
    void areTheSameBitsWhereverInputsOfLayersWait() throws IOException {
        // Given
        LoadPlan plan = LoadPlan.of(ElementType.BF16);
        Outcome onDevice = outcome("qwen2-bf16", plan, ActivationPolicy.RECOMPUTE, true);

        // When
        Outcome onHost = outcome("qwen2-bf16", plan, ActivationPolicy.OFFLOAD, true);

        // Then
        assertThat(onHost.loss()).isEqualTo(onDevice.loss());
        onDevice.gradients()
                .forEach((name, gradient) ->
                        assertThat(onHost.gradients().get(name)).as(name).isEqualTo(gradient));
    }

    private static void check(String name, ElementType type, ActivationPolicy policy, double tolerance)
            throws IOException {
        check(name, LoadPlan.of(type), policy, tolerance);
    }

    private static void check(String name, LoadPlan plan, ActivationPolicy policy, double tolerance)
            throws IOException {
        // Given
        Outcome expected = outcome(name, LoadPlan.of(ElementType.F32).with(plan.projections()), policy, false);

        // When
        Outcome fused = outcome(name, plan, policy, true);

        // Then
        assertThat(fused.loss()).isCloseTo(expected.loss(), within(expected.loss() * tolerance));
        assertThat(Gradients.distance(
                        fused.gradients().values(), expected.gradients().values()))
                .isLessThan(tolerance);
    }

    private static Outcome outcome(String name, LoadPlan plan, ActivationPolicy policy, boolean fused)
            throws IOException {
        Path model = Golden.directory(name.startsWith("peft-") ? "qwen2" : name);
        Path start = Golden.directory(name).resolve("start");
        ModelDirectory directory = new ModelDirectory(model);
        try (TensorScope scope = TensorScope.open("test")) {
            LoraSpec spec = AdapterFiles.spec(start);
            AdapterRoom room = AdapterParameters.room(ModelConfigReader.read(directory.config()), spec);
            CausalLm base = ModelLoader.load(scope, directory, plan.with(room));
            AdapterParameters adapter = AdapterFiles.read(scope, start, base.config());
            adapter.named().values().forEach(Autograd::parameter);
            assumeTrue(!fused || FusedModel.obstacle(base, adapter, 0).isEmpty(), "gradients by hand are not for this");
            TokenLoss sums;
            try (GradientMethod method = fused
                    ? new FusedGradients(FusedModel.of(scope, base, adapter), policy)
                    : new RecordedGradients(adapter.applyTo(base, 0), policy)) {
                int tensors = scope.tensorCount();
                // Batches of two sizes in one step: what is kept for the next pass must grow.
                try (StepLosses losses = new StepLosses(scope)) {
                    for (List<TokenizedExample> rows : List.of(ROWS.subList(1, 2), ROWS)) {
                        try (TensorScope work = scope.child("batch")) {
                            method.collect(Batch.collate(work, rows), 20, 7, losses);
                        }
                    }
                    sums = losses.read();
                }
                assertThat(scope.tensorCount()).isEqualTo(tensors);
            }
            Map<String, float[]> gradients = new LinkedHashMap<>();
            adapter.named()
                    .forEach((parameter, tensor) ->
                            gradients.put(parameter, Autograd.gradient(tensor).toFloatArray()));
            return new Outcome(sums.mean(), sums.accuracy(), gradients);
        }
    }
}

package io.lorica.llm.train;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import io.lorica.contracts.adapter.MergeProof;
import io.lorica.contracts.job.AdapterStart;
import io.lorica.contracts.job.BaseQuantization;
import io.lorica.contracts.job.ComputeType;
import io.lorica.contracts.job.JobSpec;
import io.lorica.contracts.job.LoraBias;
import io.lorica.contracts.job.LoraSpec;
import io.lorica.contracts.job.PrecisionSpec;
import io.lorica.contracts.job.TrainingOptions;
import io.lorica.llm.fused.FusedModel;
import io.lorica.llm.lora.AdapterParameters;
import io.lorica.llm.lora.FreshAdapter;
import io.lorica.llm.model.ActivationPolicy;
import io.lorica.llm.model.CausalLm;
import io.lorica.llm.model.EightBitTokens;
import io.lorica.llm.model.FullTokens;
import io.lorica.llm.model.KvCache;
import io.lorica.llm.model.LoadPlan;
import io.lorica.llm.model.ModelConfigReader;
import io.lorica.llm.model.ModelLoader;
import io.lorica.llm.model.ModelWeights;
import io.lorica.llm.model.StreamedTokens;
import io.lorica.llm.model.TokenFormat;
import io.lorica.llm.model.TokenMatrix;
import io.lorica.llm.quantize.WeightFormat;
import io.lorica.llm.tensor.Autograd;
import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.testing.Adapters;
import io.lorica.llm.testing.Rows;
import io.lorica.llm.testing.TinyModel;
import io.lorica.llm.weights.ModelDirectory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/// Models whose embedding and head are kept in 8 bits, against the same models with the numbers of those
/// bits in full.
class EightBitEndsTest {

    /// Sums in another order: some ten times float32's rounding.
    private static final double ROUNDING = 1e-5;
    private static final int[] PROMPT = {5, 9, 2, 7, 31, 8, 25};
    private static final List<TokenizedExample> ROWS = List.of(
            new TokenizedExample(1, new int[] {5, 9, 2, 7, 31, 8, 25, 3, 60, 11, 4}, 2, 5),
            new TokenizedExample(2, new int[] {40, 41, 42, 26}, 1, 2));
    private static final LoraSpec LORA = Adapters.kinds().getFirst();

    @TempDir
    private Path directory;

    private final TensorScope scope = TensorScope.open("test");

    @AfterEach
    void close() {
        scope.close();
    }

    private record Outcome(double loss, Map<String, float[]> gradients) {}

    @ParameterizedTest
    @CsvSource({"true,FULL,true", "true,FULL,false", "false,NF4_DOUBLE,true", "false,NF4_DOUBLE,false"})
    void lossAndGradientsAreThoseOfTheirNumbers(boolean tied, WeightFormat layers, boolean fused) throws IOException {
        // Given
        CausalLm few = load(tied, layers, TokenFormat.EIGHT_BITS);

        // When
        Outcome ours = outcome(few, fused);

        // Then
        Outcome expected = outcome(withNumbers(few), fused);
        assertThat(ours.loss()).isCloseTo(expected.loss(), within(ROUNDING * expected.loss()));
        assertThat(ours.gradients()).hasSameSizeAs(expected.gradients()).isNotEmpty();
        ours.gradients()
                .forEach((name, gradient) -> assertThat(gradient)
                        .as(name)
                        .containsExactly(expected.gradients().get(name), within((float) ROUNDING)));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void answersAreThoseOfTheirNumbers(boolean tied) throws IOException {
        // Given
        CausalLm few = load(tied, WeightFormat.FULL, TokenFormat.EIGHT_BITS);

        // When
        List<Integer> answer = greedy(few);

        // Then
        assertThat(answer).hasSize(6).isEqualTo(greedy(withNumbers(few)));
    }

    @Test
    void aTiedHeadIsTheEmbeddingAndCountsOnce() throws IOException {
        // Given // When
        CausalLm tied = load(true, WeightFormat.FULL, TokenFormat.EIGHT_BITS);
        CausalLm full = load(true, WeightFormat.FULL, TokenFormat.FULL);

        // Then: of 512 rows of 32, a byte instead of four, and a scale a row
        assertThat(tied.weights().head()).isSameAs(tied.weights().embedding());
        assertThat(full.bytes() - tied.bytes()).isEqualTo(512 * (3 * 32 - 4));
    }

    @ParameterizedTest
    @ValueSource(strings = {"NONE", "NF4"})
    void aRunLosesLessThanOnePercentToThem(BaseQuantization base) throws IOException {
        // Given
        Path model = model(true);
        List<Double> full = losses(model, base, false);

        // When
        List<Double> few = losses(model, base, true);

        // Then
        assertThat(few).isNotEqualTo(full);
        assertThat(few.getLast()).isLessThan(few.getFirst() / 2);
        for (int step = 0; step < full.size(); step++) {
            assertThat(few.get(step)).isCloseTo(full.get(step), within(0.01 * full.getFirst()));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void mergedWeightsHoldThemAsTheyWere(boolean tied) throws IOException {
        // Given
        CausalLm few = load(tied, WeightFormat.FULL, TokenFormat.EIGHT_BITS);
        AdapterParameters adapter = FreshAdapter.create(scope, few, LORA, 3);
        Path merged = directory.resolve("merged");

        // When
        MergeProof proof = new MergedExport(few, adapter, ElementType.F32)
                .write(merged, new ModelDirectory(directory.resolve("model")), 1 << 30, List.of(PROMPT));

        // Then
        assertThat(proof.compared()).contains("embedding and head are not in 8 bits");
        CausalLm read = ModelLoader.load(scope, new ModelDirectory(merged));
        CausalLm original = load(tied, WeightFormat.FULL, TokenFormat.FULL);
        assertThat(numbers(read.weights().embedding()).toFloatArray())
                .containsExactly(numbers(original.weights().embedding()).toFloatArray());
        assertThat(numbers(read.weights().head()).toFloatArray())
                .containsExactly(numbers(original.weights().head()).toFloatArray());
    }

    @Test
    void refusesToTrainThemWhole() throws IOException {
        // Given
        CausalLm few = load(true, WeightFormat.FULL, TokenFormat.EIGHT_BITS);
        LoraSpec whole = Adapters.spec(
                false, Adapters.options(false, LoraBias.NONE, List.of("lm_head"), AdapterStart.Method.KAIMING));

        // When // Then
        assertThatThrownBy(() -> FreshAdapter.create(scope, few, whole, 3))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("lm_head.weight")
                .hasMessageContaining("set quantize_embeddings to false");
    }

    @Test
    void anAdapterMayBringItsOwnHead() throws IOException {
        // Given
        LoraSpec whole = Adapters.spec(
                false, Adapters.options(false, LoraBias.NONE, List.of("lm_head"), AdapterStart.Method.KAIMING));
        AdapterParameters adapter =
                FreshAdapter.create(scope, load(true, WeightFormat.FULL, TokenFormat.FULL), whole, 3);
        CausalLm few = load(true, WeightFormat.FULL, TokenFormat.EIGHT_BITS);

        // When
        CausalLm adapted = adapter.applyTo(few, 0);

        // Then
        assertThat(adapted.weights().head()).isInstanceOf(FullTokens.class);
        assertThat(adapted.weights().embedding()).isSameAs(few.weights().embedding());
        assertThat(greedy(adapted)).hasSize(6);
    }

    private Outcome outcome(CausalLm base, boolean fused) {
        AdapterParameters adapter = FreshAdapter.create(scope, base, LORA, 3);
        Adapters.disturb(scope, adapter);
        adapter.named().values().forEach(Autograd::parameter);
        assumeTrue(!fused || FusedModel.obstacle(base, adapter, 0).isEmpty(), "gradients by hand are not for this");
        double loss;
        try (GradientMethod method = fused
                        ? new FusedGradients(FusedModel.of(scope, base, adapter), ActivationPolicy.RECOMPUTE)
                        : new RecordedGradients(adapter.applyTo(base, 0), ActivationPolicy.RECOMPUTE);
                TensorScope work = scope.child("batch");
                StepLosses losses = new StepLosses(scope)) {
            method.collect(Batch.collate(work, ROWS), 13, 7, losses);
            loss = losses.read().mean();
        }
        Map<String, float[]> gradients = new LinkedHashMap<>();
        adapter.named()
                .forEach((name, tensor) ->
                        gradients.put(name, Autograd.gradient(tensor).toFloatArray()));
        return new Outcome(loss, gradients);
    }

    private List<Integer> greedy(CausalLm model) {
        List<Integer> answer = new ArrayList<>();
        try (Autograd off = Autograd.off()) {
            KvCache cache = model.newCache(scope);
            long[] next = Arrays.stream(PROMPT).asLongStream().toArray();
            for (int i = 0; i < 6; i++) {
                Tensor logits = model.nextTokenLogits(scope.longs(next, 1, next.length), cache);
                answer.add((int) logits.argMax(0).toFloat());
                next = new long[] {answer.getLast()};
            }
        }
        return answer;
    }

    private CausalLm load(boolean tied, WeightFormat layers, TokenFormat tokens) throws IOException {
        ModelDirectory model = new ModelDirectory(model(tied));
        LoadPlan plan = LoadPlan.of(ElementType.F32)
                .with(layers)
                .with(tokens)
                .with(AdapterParameters.room(ModelConfigReader.read(model.config()), LORA));
        return ModelLoader.load(scope, model, plan);
    }

    private Path model(boolean tied) throws IOException {
        TinyModel shape = tied ? TinyModel.qwen2() : TinyModel.llama();
        return shape.write(directory.resolve("model"));
    }

    private CausalLm withNumbers(CausalLm few) {
        ModelWeights weights = few.weights();
        TokenMatrix embedding = new FullTokens(numbers(weights.embedding()));
        TokenMatrix head = few.config().tiedEmbeddings() ? embedding : new FullTokens(numbers(weights.head()));
        return few.withWeights(new ModelWeights(embedding, weights.layers(), weights.norm(), head));
    }

    private Tensor numbers(TokenMatrix matrix) {
        return switch (matrix) {
            case FullTokens full -> full.matrix();
            case StreamedTokens streamed -> streamed.source().rows().of(scope, 0, streamed.tokens());
            case EightBitTokens few -> {
                Tensor all =
                        scope.empty(ElementType.F32, few.tokens(), few.matrix().width());
                few.matrix().numbers(0, all);
                yield all;
            }
        };
    }

    private static List<Double> losses(Path model, BaseQuantization base, boolean few) {
        PrecisionSpec precision = new PrecisionSpec(ComputeType.FLOAT32, base, base.fourBit(), few);
        JobSpec spec = Rows.spec(Rows.plan(3, 1, 30).with(TrainingOptions.DEFAULTS.with(precision)), 0, LORA);
        List<Double> losses = new ArrayList<>();
        try (TrainingRun run = new LoraTrainingEngine().open(model, spec, Rows.of(6), List.of(), Optional.empty())) {
            for (int i = 0; i < 30; i++) {
                losses.add(run.step().trainLoss());
            }
        }
        return losses;
    }
}

package io.lorica.llm.lora;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SequencedMap;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import io.lorica.contracts.adapter.MergeFinding;
import io.lorica.contracts.adapter.MergeProof;
import io.lorica.contracts.job.LoraSpec;
import io.lorica.llm.model.CausalLm;
import io.lorica.llm.model.ModelLoader;
import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.testing.Adapters;
import io.lorica.llm.testing.TinyModel;
import io.lorica.llm.weights.ModelDirectory;
import io.lorica.llm.weights.ModelWeightFiles;
import io.lorica.llm.weights.SafetensorsWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

class MergeProverTest {

    private static final LoraSpec PLAIN = Adapters.kinds().getFirst();
    private static final String QUERY = "model.layers.1.self_attn.q_proj.weight";

    @TempDir
    private Path directory;

    /// Small float32 bases of many kinds: initial weights that make nearly equal scores, as transformers makes them,
    /// and large ones that make few tokens likely; adapters that hardly changed and some that changed much.
    static Stream<Arguments> randomModels() {
        return IntStream.range(0, 24)
                .mapToObj(seed -> Arguments.of(
                        seed,
                        new double[] {0.02, 0.05, 0.1, 0.2}[seed % 4],
                        new double[] {0.001, 0.02, 0.1}[seed % 3],
                        seed % 5 == 0));
    }

    @ParameterizedTest
    @MethodSource("randomModels")
    void everyRightMergeOfARandomModelIsPublished(int seed, double deviation, double change, boolean llama)
            throws IOException {
        // Given
        ModelDirectory source = random(llama ? TinyModel.llama() : TinyModel.qwen2(), seed, deviation);
        LoraSpec spec = Adapters.kinds().get(seed % Adapters.kinds().size());
        try (TensorScope scope = TensorScope.open("test")) {
            CausalLm base = ModelLoader.load(scope, source);
            AdapterParameters adapter = trained(scope, base, spec, seed, change);

            // When
            MergeProof proof = proof(source, base, adapter, adapter, UnaryOperator.identity(), "");

            // Then
            assertThat(proof.holds()).as(spec + "\n" + proof).isTrue();
            assertThat(proof.matrices().greatestError()).isLessThan(2);
        }
    }

    @ParameterizedTest
    @CsvSource({"0.02, 0.002", "0.1, 0.02", "0.2, 0.1"})
    void aBaseThatIsInSixteenBitsAlreadyIsMeasuredByTheRoundingOfTheSums(double deviation, double change)
            throws IOException {
        // Given
        ModelDirectory source = random(TinyModel.qwen2(), 3, deviation, ElementType.BF16);
        for (ElementType computed : List.of(ElementType.F32, ElementType.BF16)) {
            try (TensorScope scope = TensorScope.open("test")) {
                CausalLm base = ModelLoader.load(scope, source, computed);
                AdapterParameters adapter = trained(scope, base, PLAIN, 3, change);

                // When
                MergeProof proof = proof(source, base, adapter, adapter, UnaryOperator.identity(), "");

                // Then
                assertThat(proof.holds()).as(proof.toString()).isTrue();
                assertThat(proof.rounding().meanDivergence()).isPositive();
                assertThat(proof.meanDivergence())
                        .isLessThan(10 * proof.rounding().meanDivergence());
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"0.02, 0.002", "0.02, 0.05", "0.2, 0.1"})
    void aWrongScaleIsABadMerge(double deviation, double change) throws IOException {
        for (double factor : new double[] {0.5, 0.8, 2}) {
            assertBad(deviation, change, factor, "times instead of once");
        }
    }

    private void assertBad(double deviation, double change, double factor, String words) throws IOException {
        // Given
        ModelDirectory source = random(TinyModel.qwen2(), 5, deviation);
        try (TensorScope scope = TensorScope.open("test")) {
            CausalLm base = ModelLoader.load(scope, source);
            AdapterParameters adapter = trained(scope, base, PLAIN, 5, change);

            // When
            MergeProof proof = proof(source, base, adapter, scaled(adapter, factor), UnaryOperator.identity(), "");

            // Then
            assertThat(proof.finding()).as(factor + ": " + proof).isEqualTo(MergeFinding.BAD_MERGE);
            assertThat(proof.sentence()).contains(words, "withheld");
        }
    }

    @Test
    void oneMatrixThatWasNotMergedIsABadMerge() throws IOException {
        // Given
        ModelDirectory source = random(TinyModel.qwen2(), 6, 0.05);
        try (TensorScope scope = TensorScope.open("test")) {
            CausalLm base = ModelLoader.load(scope, source);
            AdapterParameters adapter = trained(scope, base, PLAIN, 6, 0.01);
            AdapterParameters others = new AdapterParameters(adapter.pairs().stream()
                    .filter(pair -> !pair.site().matrix().equals(QUERY))
                    .toList());

            // When
            MergeProof proof = proof(source, base, adapter, others, UnaryOperator.identity(), "");

            // Then
            assertThat(proof.finding()).isEqualTo(MergeFinding.BAD_MERGE);
            assertThat(proof.matrices().wrong())
                    .isEqualTo(QUERY + " has the adapter's change 0.00 times instead of once");
        }
    }

    @Test
    void aTransposedMatrixIsABadMerge() throws IOException {
        assertBadAfter(QUERY, tensor -> tensor.transpose(0, 1).contiguous(), QUERY);
    }

    @Test
    void aChangedNormIsABadMerge() throws IOException {
        assertBadAfter("model.norm.weight", tensor -> tensor.mulInPlace(1.01), "model.norm.weight is not the base's");
    }

    private void assertBadAfter(String name, UnaryOperator<Tensor> change, String words) throws IOException {
        // Given
        ModelDirectory source = random(TinyModel.qwen2(), 7, 0.05);
        try (TensorScope scope = TensorScope.open("test")) {
            CausalLm base = ModelLoader.load(scope, source);
            AdapterParameters adapter = trained(scope, base, PLAIN, 7, 0.01);

            // When
            MergeProof proof = proof(source, base, adapter, adapter, change, name);

            // Then
            assertThat(proof.finding()).isEqualTo(MergeFinding.BAD_MERGE);
            assertThat(proof.sentence()).contains(words);
        }
    }

    /// What the proof says of a merge of one adapter that was written for another.
    private MergeProof proof(
            ModelDirectory source,
            CausalLm base,
            AdapterParameters adapter,
            AdapterParameters written,
            UnaryOperator<Tensor> change,
            String changed)
            throws IOException {
        Path target = directory.resolve("merged");
        try (MergedTensors right = new MergedTensors(base, adapter, source);
                MergedTensors wrong = new MergedTensors(base, written, source)) {
            new MergedModel(wrong, ElementType.BF16).write(target, source, 1 << 30);
            ModelDirectory files = new ModelDirectory(target);
            rewrite(files, ElementType.BF16, (name, tensor) -> name.equals(changed) ? change.apply(tensor) : tensor);
            return new MergeProver(base, adapter, right, ElementType.BF16).prove(files, probes(), "this with that");
        }
    }

    private static List<int[]> probes() {
        Random random = new Random(1);
        List<int[]> rows = new ArrayList<>();
        for (int row = 0; row < 4; row++) {
            rows.add(random.ints(24, 0, TinyModel.VOCABULARY).toArray());
        }
        return rows;
    }

    private ModelDirectory random(TinyModel shape, int seed, double deviation) throws IOException {
        return random(shape, seed, deviation, ElementType.F32);
    }

    /// A model with normally distributed weights and gains of 1.
    private ModelDirectory random(TinyModel shape, int seed, double deviation, ElementType type) throws IOException {
        ModelDirectory files = new ModelDirectory(shape.write(directory.resolve("model")));
        Random random = new Random(seed);
        rewrite(
                files,
                type,
                (name, tensor) -> name.endsWith("norm.weight")
                        ? tensor.zeroInPlace().addInPlace(1)
                        : noise(tensor, random, deviation));
        return files;
    }

    private static Tensor noise(Tensor tensor, Random random, double deviation) {
        float[] values = new float[(int) tensor.elements()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (random.nextGaussian() * deviation);
        }
        return TensorScope.of(tensor).floats(values, tensor.shape());
    }

    /// What is done to a tensor of that name.
    private interface Change {

        Tensor of(String name, Tensor tensor);
    }

    private static void rewrite(ModelDirectory files, ElementType type, Change change) throws IOException {
        SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
        try (TensorScope scope = TensorScope.open("rewrite")) {
            try (ModelWeightFiles weights = files.openWeights()) {
                for (String name : weights.names()) {
                    Tensor wide = weights.tensor(name).orElseThrow().load(scope);
                    tensors.put(name, change.of(name, wide).to(type));
                }
            }
            SafetensorsWriter.write(files.path().resolve(ModelDirectory.SINGLE_FILE), tensors, Map.of("format", "pt"));
        }
    }

    /// A new adapter with B, and whatever else it trains, moved in random directions.
    private static AdapterParameters trained(TensorScope scope, CausalLm base, LoraSpec spec, int seed, double change) {
        AdapterParameters adapter = FreshAdapter.create(scope, base, spec, seed);
        Random random = new Random(seed + 1000L);
        adapter.named().values().forEach(tensor -> {
            try (Tensor noise = noise(tensor, random, change)) {
                tensor.addInPlace(noise);
            }
        });
        return adapter;
    }

    private static AdapterParameters scaled(AdapterParameters adapter, double factor) {
        return new AdapterParameters(adapter.pairs().stream()
                .map(pair -> new LoraPair(pair.site(), pair.scale() * factor, pair.a(), pair.b(), pair.magnitude()))
                .toList());
    }
}

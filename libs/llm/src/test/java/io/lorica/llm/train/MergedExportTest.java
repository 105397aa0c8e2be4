package io.lorica.llm.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.UnaryOperator;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorica.contracts.adapter.MergeFinding;
import io.lorica.contracts.adapter.MergeProof;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.job.LoraSpec;
import io.lorica.gguf.TensorEncoding;
import io.lorica.llm.lora.AdapterParameters;
import io.lorica.llm.lora.FreshAdapter;
import io.lorica.llm.lora.LoraPair;
import io.lorica.llm.lora.MergeProver;
import io.lorica.llm.lora.MergedModel;
import io.lorica.llm.lora.MergedTensors;
import io.lorica.llm.model.CausalLm;
import io.lorica.llm.model.ModelLoader;
import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.testing.Adapters;
import io.lorica.llm.testing.TinyModel;
import io.lorica.llm.weights.GgufModel;
import io.lorica.llm.weights.ModelDirectory;
import io.lorica.llm.weights.ModelFiles;
import io.lorica.llm.weights.ModelWeightFiles;
import io.lorica.llm.weights.SafetensorsWriter;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class MergedExportTest {

    private static final long SHARD = 40_000;
    private static final List<int[]> PROBES =
            List.of(new int[] {3, 1, 4, 1, 5, 9, 2, 6}, new int[] {2, 7, 1, 8, 2, 8, 1, 8, 2, 8, 4});

    @TempDir
    private Path directory;

    private ModelDirectory source;

    @BeforeEach
    void writeModel() throws IOException {
        source = new ModelDirectory(TinyModel.qwen2().write(directory.resolve("model")));
    }

    static List<LoraSpec> kinds() {
        return Adapters.kinds();
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void mergedModelIsReadAgainAndAnswersAsBaseAndAdapter(LoraSpec spec) throws IOException {
        // Given
        Path target = directory.resolve("merged");
        try (TensorScope scope = TensorScope.open("test")) {
            CausalLm base = ModelLoader.load(scope, source);
            AdapterParameters adapter = trained(scope, base, spec);

            // When
            MergeProof proof = new MergedExport(base, adapter, ElementType.F16).write(target, source, SHARD, PROBES);

            // Then: float16 keeps 11 bits, so logits of some units differ by some thousandths
            assertThat(proof.greatestLogitDifference()).isBetween(0.0, 0.05);
            assertThat(proof.meanDivergence()).isLessThan(1e-4);
            assertThat(proof.positions()).isEqualTo(8 + 11);
            assertThat(target).isDirectoryContaining("glob:**/model.safetensors.index.json");
            assertThat(target).isDirectoryContaining("glob:**/tokenizer.json");
            assertThat(new ObjectMapper()
                            .readValue(Files.readString(target.resolve(MergedExport.PROOF)), MergeProof.class))
                    .isEqualTo(proof);
        }
    }

    @Test
    void exactMergeLeavesRoundingOfFloat32Only() {
        // Given
        try (TensorScope scope = TensorScope.open("test")) {
            CausalLm base = ModelLoader.load(scope, source);
            AdapterParameters adapter = trained(scope, base, Adapters.kinds().getFirst());

            // When
            MergeProof proof = new MergedExport(base, adapter, ElementType.F32)
                    .write(directory.resolve("merged"), source, SHARD, PROBES);

            // Then
            assertThat(proof.greatestLogitDifference()).isLessThan(1e-3);
            assertThat(proof.greedyAgreement()).isEqualTo(1);
        }
    }

    @Test
    void proofOfAModelThatIsNotTheMergedOneDoesNotHold() {
        // Given: the base itself, as if the adapter had been forgotten
        try (TensorScope scope = TensorScope.open("test")) {
            CausalLm base = ModelLoader.load(scope, source);
            AdapterParameters adapter = trained(scope, base, Adapters.kinds().getFirst());
            Path target = directory.resolve("base");
            try (MergedTensors merged = new MergedTensors(base, adapter, source);
                    MergedTensors forgotten = new MergedTensors(base, new AdapterParameters(List.of()), source)) {
                new MergedModel(forgotten, ElementType.BF16).write(target, source, SHARD);

                // When
                MergeProof proof = new MergeProver(base, adapter, merged, ElementType.BF16)
                        .prove(new ModelDirectory(target), PROBES, "with the base");

                // Then
                assertThat(proof.holds()).isFalse();
                assertThat(proof.finding()).isEqualTo(MergeFinding.BAD_MERGE);
                assertThat(proof.meanDivergence()).isGreaterThan(0.02);
                assertThat(proof.matrices().wrong()).contains("0.00 times instead of once");
            }
        }
    }

    @Test
    void saysThatSixteenBitsAreTooCoarseAndKeepsItsProof() throws IOException {
        // Given: beside 100, bfloat16 counts in halves, which is as much as the head's numbers differ
        Path target = directory.resolve("merged");
        source = changed("model.embed_tokens.weight", tensor -> tensor.addInPlace(100));
        try (TensorScope scope = TensorScope.open("test")) {
            CausalLm base = ModelLoader.load(scope, source);
            AdapterParameters adapter = trained(scope, base, Adapters.kinds().getFirst());

            // When // Then
            assertThatThrownBy(() ->
                            new MergedExport(base, adapter, ElementType.BF16).write(target, source, SHARD, PROBES))
                    .isInstanceOfSatisfying(
                            ProductException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.MERGE_PROOF_FAILED))
                    .hasMessageContaining("mean divergence")
                    .hasMessageContaining("16 bits are too coarse for this model")
                    .hasMessageContaining("use the adapter");
            assertThat(target.resolve(MergedExport.PROOF)).exists();
        }
    }

    @Test
    void namesATensorThatFloat16CannotHold() throws IOException {
        // Given
        source = changed("model.norm.weight", tensor -> tensor.mulInPlace(1e6));
        try (TensorScope scope = TensorScope.open("test")) {
            CausalLm base = ModelLoader.load(scope, source);
            AdapterParameters adapter = trained(scope, base, Adapters.kinds().getFirst());

            // When // Then
            assertThatThrownBy(() -> new MergedExport(base, adapter, ElementType.F16)
                            .write(directory.resolve("merged"), source, SHARD, PROBES))
                    .hasMessageContaining("model.norm.weight")
                    .hasMessageContaining("65504");
        }
    }

    @ParameterizedTest
    @CsvSource({"F32, F16", "BF16, F16", "F32, BF16", "BF16, BF16"})
    void everyTensorOfAGgufFileIsRoundedOnceWhateverTheRunComputesIn(ElementType computed, TensorEncoding encoding)
            throws IOException {
        // Given: numbers of float32, which bfloat16 first and float16 then would round to others
        Path target = directory.resolve("merged");
        Path file = directory.resolve("model.gguf");
        try (TensorScope scope = TensorScope.open("test")) {
            CausalLm base = ModelLoader.load(scope, source, computed);
            AdapterParameters adapter = trained(scope, base, Adapters.kinds().getFirst());
            MergedExport export = new MergedExport(base, adapter, ElementType.BF16);
            export.write(target, source, SHARD, PROBES);

            // When
            export.writeGguf(file, source, target, "tiny", encoding);

            // Then
            assertRoundedOnce(scope, adapter, new GgufModel(file), encoding == TensorEncoding.F16);
        }
    }

    @ParameterizedTest
    @CsvSource({"F32, F16", "BF16, BF16"})
    void mergedWeightsAreRoundedOnceWhateverTheRunComputesIn(ElementType computed, ElementType written)
            throws IOException {
        // Given
        Path target = directory.resolve("merged");
        try (TensorScope scope = TensorScope.open("test")) {
            CausalLm base = ModelLoader.load(scope, source, computed);
            AdapterParameters adapter = trained(scope, base, Adapters.kinds().getFirst());

            // When
            new MergedExport(base, adapter, written).write(target, source, SHARD, PROBES);

            // Then
            assertRoundedOnce(scope, adapter, new ModelDirectory(target), written == ElementType.F16);
        }
    }

    /// Matrices within half a step of the sums of the files' float32 numbers; the embedding, which no adapter changes,
    /// to the bit.
    private void assertRoundedOnce(TensorScope scope, AdapterParameters adapter, ModelFiles written, boolean half) {
        // 11 and 8 bits, and what sums in float32 differ by
        double step = Math.scalb(1.0, half ? -11 : -8) * 1.001;
        try (ModelWeightFiles before = source.openWeights();
                ModelWeightFiles after = written.openWeights()) {
            float[] embedding = values(scope, before, "model.embed_tokens.weight");
            float[] rounded = values(scope, after, "model.embed_tokens.weight");
            for (int i = 0; i < embedding.length; i++) {
                assertThat(rounded[i]).isEqualTo(half ? half(embedding[i]) : brain(embedding[i]));
            }
            for (LoraPair pair : adapter.pairs()) {
                Tensor change = scope.borrow(pair.b()).matMul(pair.a()).mul(pair.scale());
                float[] sums = change.add(before.tensor(pair.site().matrix())
                                .orElseThrow()
                                .load(scope))
                        .toFloatArray();
                float[] found = values(scope, after, pair.site().matrix());
                for (int i = 0; i < sums.length; i++) {
                    assertThat(Math.abs((double) found[i] - sums[i]))
                            .as(pair.site().matrix())
                            .isLessThanOrEqualTo(step * Math.max(Math.abs(sums[i]), Math.scalb(1.0, -14)));
                }
            }
        }
    }

    private static float[] values(TensorScope scope, ModelWeightFiles files, String name) {
        return files.tensor(name).orElseThrow().load(scope).toFloatArray();
    }

    private static float half(float value) {
        return Float.float16ToFloat(Float.floatToFloat16(value));
    }

    /// To the nearest of 8 bits, halves to the even one.
    private static float brain(float value) {
        int bits = Float.floatToRawIntBits(value);
        return Float.intBitsToFloat((bits + 0x7FFF + ((bits >>> 16) & 1)) & 0xFFFF_0000);
    }

    /// The model with one of its tensors changed.
    private ModelDirectory changed(String name, UnaryOperator<Tensor> change) throws IOException {
        Path file = source.path().resolve(ModelDirectory.SINGLE_FILE);
        SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
        try (TensorScope scope = TensorScope.open("change")) {
            try (ModelWeightFiles files = source.openWeights()) {
                files.names()
                        .forEach(tensor -> tensors.put(
                                tensor, files.tensor(tensor).orElseThrow().load(scope)));
            }
            tensors.computeIfPresent(name, (_, tensor) -> change.apply(tensor));
            SafetensorsWriter.write(file, tensors, Map.of("format", "pt"));
        }
        return source;
    }

    private static AdapterParameters trained(TensorScope scope, CausalLm base, LoraSpec spec) {
        AdapterParameters adapter = FreshAdapter.create(scope, base, spec, 5);
        Adapters.disturb(scope, adapter);
        return adapter;
    }
}

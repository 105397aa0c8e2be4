package io.lorica.llm.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorica.contracts.adapter.MergeProof;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.job.LoraSpec;
import io.lorica.llm.lora.AdapterParameters;
import io.lorica.llm.lora.FreshAdapter;
import io.lorica.llm.lora.MergeProbe;
import io.lorica.llm.model.CausalLm;
import io.lorica.llm.model.FullTokens;
import io.lorica.llm.model.ModelLoader;
import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.testing.Adapters;
import io.lorica.llm.testing.TinyModel;
import io.lorica.llm.weights.ModelDirectory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
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
            try (MergeProbe probe = new MergeProbe(adapter.applyTo(base, 0), PROBES)) {

                // When
                MergeProof proof = probe.compare(base, "with the base");

                // Then
                assertThat(proof.holds()).isFalse();
                assertThat(proof.meanDivergence()).isGreaterThan(0.02);
            }
        }
    }

    @Test
    void namesAMergeThatIsTooFarOffAndKeepsItsProof() {
        // Given: beside 100, bfloat16 counts in halves, which is as much as the head's numbers differ
        Path target = directory.resolve("merged");
        try (TensorScope scope = TensorScope.open("test")) {
            CausalLm base = ModelLoader.load(scope, source);
            AdapterParameters adapter = trained(scope, base, Adapters.kinds().getFirst());
            ((FullTokens) base.weights().embedding()).matrix().addInPlace(100);

            // When // Then
            assertThatThrownBy(() ->
                            new MergedExport(base, adapter, ElementType.BF16).write(target, source, SHARD, PROBES))
                    .isInstanceOfSatisfying(
                            ProductException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.MERGE_PROOF_FAILED))
                    .hasMessageContaining("mean divergence")
                    .hasMessageContaining("use the adapter");
            assertThat(target.resolve(MergedExport.PROOF)).exists();
        }
    }

    @Test
    void namesATensorThatFloat16CannotHold() {
        // Given
        try (TensorScope scope = TensorScope.open("test")) {
            CausalLm base = ModelLoader.load(scope, source);
            AdapterParameters adapter = trained(scope, base, Adapters.kinds().getFirst());
            base.weights().norm().mulInPlace(1e6);

            // When // Then
            assertThatThrownBy(() -> new MergedExport(base, adapter, ElementType.F16)
                            .write(directory.resolve("merged"), source, SHARD, PROBES))
                    .hasMessageContaining("model.norm.weight")
                    .hasMessageContaining("65504");
        }
    }

    private static AdapterParameters trained(TensorScope scope, CausalLm base, LoraSpec spec) {
        AdapterParameters adapter = FreshAdapter.create(scope, base, spec, 5);
        Adapters.disturb(scope, adapter);
        return adapter;
    }
}

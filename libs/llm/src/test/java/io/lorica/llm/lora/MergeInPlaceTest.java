package io.lorica.llm.lora;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import io.lorica.contracts.job.LoraSpec;
import io.lorica.llm.model.CausalLm;
import io.lorica.llm.model.ModelLoader;
import io.lorica.llm.model.ProjectionKind;
import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.testing.Adapters;
import io.lorica.llm.testing.TinyModel;
import io.lorica.llm.weights.ModelDirectory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

class MergeInPlaceTest {

    // float32: two products and a sum against one product of the sum
    private static final double ROUNDING = 1e-3;
    private static final long[] TOKENS = {3, 1, 4, 1, 5, 9, 2, 6};

    @TempDir
    private Path directory;

    private ModelDirectory source;

    @BeforeEach
    void writeModel() throws IOException {
        source = new ModelDirectory(TinyModel.qwen2().write(directory));
    }

    static List<LoraSpec> kinds() {
        return Adapters.kinds();
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void mergedEqualsUnmergedAndComesApartBitForBit(LoraSpec spec) {
        // Given
        try (TensorScope scope = TensorScope.open("test")) {
            CausalLm base = ModelLoader.load(scope, source);
            AdapterParameters adapter = FreshAdapter.create(scope, base, spec, 5);
            Adapters.disturb(scope, adapter);
            float[] unmerged = logits(scope, adapter.applyTo(base, 0));
            List<float[]> before = matrices(base);

            // When
            float[] merged;
            try (MergeInPlace merge = new MergeInPlace(base, adapter)) {
                merged = logits(scope, merge.model());
            }

            // Then
            for (int i = 0; i < unmerged.length; i++) {
                assertThat((double) merged[i]).isCloseTo(unmerged[i], within(ROUNDING));
            }
            assertThat(matrices(base)).usingRecursiveComparison().isEqualTo(before);
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void brainFloatWeightsComeApartBitForBitToo(LoraSpec spec) {
        // Given
        try (TensorScope scope = TensorScope.open("test")) {
            CausalLm base = ModelLoader.load(scope, source, ElementType.BF16);
            AdapterParameters adapter = FreshAdapter.create(scope, base, spec, 5);
            Adapters.disturb(scope, adapter);
            List<float[]> before = matrices(base);

            // When
            try (MergeInPlace merge = new MergeInPlace(base, adapter)) {
                assertThat(matrices(merge.model())).usingRecursiveComparison().isNotEqualTo(before);
            }

            // Then
            assertThat(matrices(base)).usingRecursiveComparison().isEqualTo(before);
        }
    }

    private static List<float[]> matrices(CausalLm model) {
        List<float[]> matrices = new ArrayList<>();
        try (TensorScope scope = TensorScope.open("matrices")) {
            model.weights().layers().forEach(layer -> {
                for (ProjectionKind kind : ProjectionKind.values()) {
                    matrices.add(layer.projection(kind).weight().values(scope).toFloatArray());
                }
            });
        }
        return matrices;
    }

    private static float[] logits(TensorScope scope, CausalLm model) {
        Tensor hidden = model.hiddenStates(scope.longs(TOKENS, 1, TOKENS.length));
        return model.logits(hidden.reshape(TOKENS.length, -1)).toFloatArray();
    }
}

package io.lorica.llm.model;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.LongStream;
import java.util.stream.Stream;

import io.lorica.contracts.job.LoraSpec;
import io.lorica.llm.lora.AdapterParameters;
import io.lorica.llm.lora.FreshAdapter;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.testing.TinyModel;
import io.lorica.llm.weights.ModelDirectory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

class CausalLmTest {

    // float32 sums in another order
    private static final double ROUNDING = 2e-4;

    @TempDir
    private Path directory;

    static Stream<TinyModel> models() {
        return Stream.of(TinyModel.qwen2(), TinyModel.llama());
    }

    @ParameterizedTest
    @MethodSource("models")
    void cachedLogitsEqualUncached(TinyModel tiny) throws IOException {
        // Given
        try (TensorScope scope = TensorScope.open("test")) {
            CausalLm model = load(scope, tiny);
            long[] tokens = LongStream.range(40, 140).toArray();
            float[] whole = last(model, scope, tokens);

            // When: all but four at once, two together, then one by one
            KvCache cache = model.newCache(scope);
            model.nextTokenLogits(part(scope, tokens, 0, 96), cache);
            model.nextTokenLogits(part(scope, tokens, 96, 98), cache);
            model.nextTokenLogits(part(scope, tokens, 98, 99), cache);
            float[] stepped =
                    model.nextTokenLogits(part(scope, tokens, 99, 100), cache).toFloatArray();

            // Then
            assertClose(stepped, whole);
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void paddedRowEqualsTheRowAlone(TinyModel tiny) throws IOException {
        // Given
        try (TensorScope scope = TensorScope.open("test")) {
            CausalLm model = load(scope, tiny);
            Tensor alone = scope.longs(new long[] {5, 6, 7}, 1, 3);
            Tensor padded = scope.longs(new long[] {5, 6, 7, 0, 0, 9, 8, 7, 6, 5}, 2, 5);

            // When
            float[] expected = model.hiddenStates(alone).toFloatArray();
            float[] all = model.hiddenStates(padded).toFloatArray();

            // Then
            assertClose(Arrays.copyOf(all, expected.length), expected);
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void newAdapterChangesNothing(TinyModel tiny) throws IOException {
        // Given
        try (TensorScope scope = TensorScope.open("test")) {
            CausalLm base = load(scope, tiny);
            LoraSpec spec = new LoraSpec(4, 8, 0, LoraSpec.ALL_PROJECTIONS, true);
            AdapterParameters adapter = FreshAdapter.create(scope, base, spec, 1);
            long[] tokens = {1, 2, 3, 4};

            // When
            float[] adapted = last(adapter.applyTo(base, 0), scope, tokens);

            // Then: B is 0, so exactly nothing is added
            assertThat(adapted).isEqualTo(last(base, scope, tokens));
        }
    }

    private CausalLm load(TensorScope scope, TinyModel tiny) throws IOException {
        return ModelLoader.load(scope, new ModelDirectory(tiny.write(directory.resolve(tiny.architecture()))));
    }

    private static float[] last(CausalLm model, TensorScope scope, long... tokens) {
        try (KvCache cache = model.newCache(scope)) {
            return model.nextTokenLogits(scope.longs(tokens, 1, tokens.length), cache)
                    .toFloatArray();
        }
    }

    private static Tensor part(TensorScope scope, long[] tokens, int from, int to) {
        return scope.longs(Arrays.copyOfRange(tokens, from, to), 1, to - from);
    }

    private static void assertClose(float[] actual, float[] expected) {
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < expected.length; i++) {
            assertThat((double) actual[i]).as("element " + i).isCloseTo(expected[i], within(ROUNDING));
        }
    }
}

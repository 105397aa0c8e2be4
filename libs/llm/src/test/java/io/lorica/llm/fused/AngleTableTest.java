package io.lorica.llm.fused;

import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;

import io.lorica.llm.model.CausalLm;
import io.lorica.llm.model.ModelLoader;
import io.lorica.llm.model.RotaryAngles;
import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.tensor.Tensors;
import io.lorica.llm.testing.Golden;
import io.lorica.llm.weights.ModelDirectory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

class AngleTableTest {

    @ParameterizedTest
    @ValueSource(strings = {"qwen2", "qwen2-yarn", "llama-dynamic"})
    void givesTheAnglesOfAnyPositionsInSequencesOfAnyLength(String name) {
        try (TensorScope scope = TensorScope.open("test")) {
            // Given
            CausalLm base = ModelLoader.load(scope, new ModelDirectory(Golden.directory(name)), ElementType.F32);
            Random random = new Random(3);
            try (AngleTable table = new AngleTable(base, scope)) {
                int tensors = scope.tensorCount();

                // Longer than what is kept at first, and shorter again: some models turn more slowly in long texts.
                for (int longest : List.of(5, 100, 3_000, 100, 2_000)) {
                    try (TensorScope work = scope.child("pass")) {
                        long[] places = LongStream.concat(random.longs(9, 0, longest), LongStream.of(0, longest - 1))
                                .toArray();
                        var wanted = work.longs(places, places.length);

                        // When
                        RotaryAngles angles = table.of(work, wanted, longest);

                        // Then
                        RotaryAngles all = base.angles(work, longest, longest);
                        assertThat(angles.cos().toFloatArray())
                                .containsExactly(Tensors.rows(all.cos(), wanted).toFloatArray());
                        assertThat(angles.sin().toFloatArray())
                                .containsExactly(Tensors.rows(all.sin(), wanted).toFloatArray());
                    }
                    assertThat(scope.tensorCount()).isEqualTo(tensors);
                }
            }
        }
    }
}

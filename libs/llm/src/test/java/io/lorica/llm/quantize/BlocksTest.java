package io.lorica.llm.quantize;

import java.util.ArrayList;
import java.util.List;

import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

class BlocksTest {

    @ParameterizedTest
    @ValueSource(ints = {64, 33})
    void stretchesAreWholeBlocksAndCoverAllElementsOnce(int block) {
        try (TensorScope scope = TensorScope.open("test")) {
            // Given: two stretches and some elements that fill no block
            Tensor x = scope.empty(ElementType.BF16, (1L << 25) + 7);
            int before = scope.tensorCount();

            // When
            List<Long> starts = new ArrayList<>();
            List<Long> lengths = new ArrayList<>();
            Blocks.inStretches(x, block, (_, from, part) -> {
                starts.add(from);
                lengths.add(part.elements());
            });

            // Then
            long next = 0;
            for (int i = 0; i < starts.size(); i++) {
                assertThat(starts.get(i)).isEqualTo(next);
                assertThat(next % (2L * block)).isZero();
                next += lengths.get(i);
            }
            assertThat(next).isEqualTo(x.elements());
            assertThat(starts).hasSizeGreaterThan(2);
            assertThat(scope.tensorCount()).isEqualTo(before);
        }
    }
}

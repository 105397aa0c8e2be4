package io.lorica.llm.tensor;

import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

class ProductsTest {

    // Sums of a hundred products of one bfloat16 rounding each.
    private static final double ROUNDING = 0.02;

    /// Sizes that fill no tile, and all ways in which a factor can lie in wider memory.
    static Stream<Arguments> products() {
        return Stream.of(new int[] {25, 48, 8}, new int[] {1, 96, 48}, new int[] {300, 40, 1}, new int[] {25, 100, 17})
                .flatMap(sizes -> Stream.of(false, true)
                        .flatMap(transposedLeft -> Stream.of(false, true)
                                .map(transposedRight ->
                                        Arguments.of(sizes[0], sizes[1], sizes[2], transposedLeft, transposedRight))));
    }

    @ParameterizedTest
    @MethodSource("products")
    void takeNothingFromTheMemoryBehindARow(int m, int k, int n, boolean transposedLeft, boolean transposedRight) {
        try (TensorScope scope = TensorScope.open("test");
                Autograd off = Autograd.off()) {
            // Given
            Tensor a = amongNoNumbers(scope, m, k, transposedLeft);
            Tensor b = amongNoNumbers(scope, k, n, transposedRight);
            Tensor exact = a.to(ElementType.F32).matMul(b.to(ElementType.F32));

            // When
            Tensor product = scope.empty(ElementType.BF16, m, n);
            Products.multiply(product, a, b);
            Tensor sum = scope.zeros(ElementType.BF16, m, n);
            Products.addMultiply(sum, sum, a, b, 1);

            // Then
            double largest = exact.abs().max().toFloat();
            for (Tensor result : List.of(product, sum)) {
                Tensor difference = result.to(ElementType.F32).sub(exact);
                assertThat(difference.abs().max().toFloat() / largest).isLessThan((float) ROUNDING);
            }
        }
    }

    /// A matrix of random numbers whose memory has no numbers between its rows or columns.
    private static Tensor amongNoNumbers(TensorScope scope, int rows, int columns, boolean transposed) {
        if (transposed) {
            return amongNoNumbers(scope, columns, rows, false).transpose(0, 1);
        }
        Tensor wide = scope.zeros(ElementType.BF16, rows, columns + 8L).addInPlace(Double.NaN);
        Tensor part = Tensors.narrow(wide, 1, 0, columns);
        Tensors.copyInto(part, Tensors.normal(scope.empty(ElementType.BF16, rows, columns), 1));
        return part;
    }
}

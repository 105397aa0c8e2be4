package io.lorica.llm.quantize;

import java.util.Arrays;

/// The 256 numbers of dynamic quantisation (https://arxiv.org/abs/1511.04561, https://arxiv.org/abs/2110.02861, section
/// 1.3): a sign where there is one, leading zeros that count powers of ten, a bit that ends them, and the rest a
/// fraction from 0.1 to 1. Small numbers keep a small relative error over seven orders of magnitude.
final class DynamicCode {

    private static final int SIZE = 256;
    private static final int EXPONENTS = 7;

    private DynamicCode() {}

    /// Numbers of either sign, in ascending order.
    static float[] signed() {
        float[] numbers = new float[SIZE];
        int count = 0;
        for (int exponent = 0; exponent < EXPONENTS; exponent++) {
            for (float number : fractions(exponent, 1 << exponent)) {
                numbers[count++] = number;
                numbers[count++] = -number;
            }
        }
        return withZeroAndOne(numbers, count);
    }

    /// Numbers that are not negative, in ascending order. The bit of the sign makes fractions twice as fine.
    static float[] unsigned() {
        float[] numbers = new float[SIZE];
        int count = 0;
        for (int exponent = 0; exponent < EXPONENTS; exponent++) {
            for (float number : fractions(exponent, 2 << exponent)) {
                numbers[count++] = number;
            }
        }
        return withZeroAndOne(numbers, count);
    }

    private static float[] withZeroAndOne(float[] numbers, int count) {
        numbers[count] = 0;
        numbers[count + 1] = 1;
        Arrays.sort(numbers);
        return numbers;
    }

    /// The middles of equal parts of [0.1, 1], times a power of ten. Rounded at each step as the reference does, so
    /// that
    /// the bits are the same.
    private static float[] fractions(int exponent, int parts) {
        float power = (float) Math.pow(10, exponent - EXPONENTS + 1);
        float[] fractions = new float[parts];
        for (int i = 0; i < parts; i++) {
            fractions[i] = power * ((edge(i, parts) + edge(i + 1, parts)) / 2);
        }
        return fractions;
    }

    /// The i-th edge, counted from the nearer end.
    private static float edge(int i, int parts) {
        float width = (1 - 0.1f) / parts;
        return i < (parts + 1) / 2 ? Math.fma(width, i, 0.1f) : Math.fma(-width, parts - i, 1);
    }
}

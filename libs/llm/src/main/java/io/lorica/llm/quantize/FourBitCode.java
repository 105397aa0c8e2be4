package io.lorica.llm.quantize;

/// The sixteen numbers that 4 bits stand for, all within [-1, 1].
public enum FourBitCode {
    /// Even over a normal distribution: its quantiles, with an exact zero (QLoRA, https://arxiv.org/abs/2305.14314,
    /// appendix E).
    NF4,
    /// One bit of sign, two of exponent, one of fraction, in units of the largest. There are two zeros.
    FP4;

    /// What each code stands for.
    float[] numbers() {
        return switch (this) {
            case NF4 ->
                new float[] {
                    -1.0f,
                    -0.6961928009986877f,
                    -0.5250730514526367f,
                    -0.39491748809814453f,
                    -0.28444138169288635f,
                    -0.18477343022823334f,
                    -0.09105003625154495f,
                    0.0f,
                    0.07958029955625534f,
                    0.16093020141124725f,
                    0.24611230194568634f,
                    0.33791524171829224f,
                    0.44070982933044434f,
                    0.5626170039176941f,
                    0.7229568362236023f,
                    1.0f
                };
            case FP4 -> inUnitsOf(12, 0, 0.0625f, 8, 12, 4, 6, 2, 3, 0, -0.0625f, -8, -12, -4, -6, -2, -3);
        };
    }

    /// The codes in the order of their numbers.
    int[] ascending() {
        return switch (this) {
            case NF4 -> new int[] {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
            case FP4 -> new int[] {11, 10, 13, 12, 15, 14, 9, 0, 8, 1, 6, 7, 4, 5, 2, 3};
        };
    }

    private static float[] inUnitsOf(float unit, float... numbers) {
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] /= unit;
        }
        return numbers;
    }
}

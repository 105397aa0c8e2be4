package io.lorica.llm.cuda;

import static org.assertj.core.api.Assertions.assertThat;

/// How near a kernel must come to the reference in double precision: ‖out - reference‖ / ‖reference‖. One
/// rounding to a stored type costs up to half a unit in its last place, 2⁻⁸ relative in bfloat16 and 2⁻¹¹ in
/// float16; on average it is less than half of that. The float32 bound is wider, for sums and the GPU's fast
/// exponential.
final class Closeness {

    private Closeness() {}

    static double bound(Precision precision) {
        return switch (precision) {
            case BF16 -> 0x1p-8;
            case F16 -> 0x1p-11;
            case F32 -> 2e-6;
        };
    }

    static void assertClose(Precision precision, double[] actual, double[] expected) {
        assertThat(error(actual, expected)).isLessThan(bound(precision));
    }

    static double error(double[] actual, double[] expected) {
        assertThat(actual).hasSameSizeAs(expected);
        double difference = 0;
        double norm = 0;
        for (int i = 0; i < expected.length; i++) {
            difference += (actual[i] - expected[i]) * (actual[i] - expected[i]);
            norm += expected[i] * expected[i];
        }
        // NaN in the numerator stays NaN, which is less than nothing.
        return Math.sqrt(difference / norm);
    }
}

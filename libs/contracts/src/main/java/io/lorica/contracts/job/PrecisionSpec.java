package io.lorica.contracts.job;

/// In which numbers a model computes, and in which its frozen weights are kept.
///
/// @param compute the format of computation
/// @param base how the frozen weights are kept
/// @param doubleQuantization whether the scales of 4-bit weights are quantised too (QLoRA, section 3)
public record PrecisionSpec(ComputeType compute, BaseQuantization base, boolean doubleQuantization) {

    /// What the device does best, without quantisation.
    public static final PrecisionSpec DEFAULTS = new PrecisionSpec(ComputeType.AUTO, BaseQuantization.NONE, false);

    public PrecisionSpec {
        if (doubleQuantization && !base.fourBit()) {
            throw new IllegalArgumentException(
                    "double_quantization is for 4-bit weights; set quantization to nf4 or fp4");
        }
    }
}

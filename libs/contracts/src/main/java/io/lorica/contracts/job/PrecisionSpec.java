package io.lorica.contracts.job;

/// In which numbers a model computes, and in which its frozen weights are kept.
///
/// @param compute the format of computation
/// @param base how the frozen weights are kept
/// @param doubleQuantization whether the scales of 4-bit weights are quantised too (QLoRA, section 3)
/// @param quantizeEmbeddings whether embedding and head are kept in 8 bits
public record PrecisionSpec(
        ComputeType compute, BaseQuantization base, boolean doubleQuantization, boolean quantizeEmbeddings) {

    /// What the device does best, without quantisation.
    public static final PrecisionSpec DEFAULTS = new PrecisionSpec(ComputeType.AUTO, BaseQuantization.NONE, false);

    /// With embedding and head in full.
    public PrecisionSpec(ComputeType compute, BaseQuantization base, boolean doubleQuantization) {
        this(compute, base, doubleQuantization, false);
    }

    public PrecisionSpec {
        if (doubleQuantization && !base.fourBit()) {
            throw new IllegalArgumentException(
                    "double_quantization is for 4-bit weights; set quantization to nf4 or fp4");
        }
    }
}

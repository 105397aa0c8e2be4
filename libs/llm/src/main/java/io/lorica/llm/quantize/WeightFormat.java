package io.lorica.llm.quantize;

import io.lorica.contracts.job.BaseQuantization;
import io.lorica.llm.tensor.TensorScope;
import org.jspecify.annotations.Nullable;

/// How the matrices of a frozen model are kept in memory.
public enum WeightFormat {
    /// Number by number, in the type that the model computes in.
    FULL,
    /// 4 bits that are even over a normal distribution.
    NF4,
    /// The same with scales in 8 bits.
    NF4_DOUBLE,
    /// 4 bits of floating point.
    FP4,
    /// The same with scales in 8 bits.
    FP4_DOUBLE,
    /// Whole numbers of 8 bits.
    INT8;

    /// The format of a wish.
    ///
    /// @param doubleQuantization whether the scales of 4-bit weights are to be quantised too
    public static WeightFormat of(BaseQuantization base, boolean doubleQuantization) {
        return switch (base) {
            case NONE -> FULL;
            case NF4 -> doubleQuantization ? NF4_DOUBLE : NF4;
            case FP4 -> doubleQuantization ? FP4_DOUBLE : FP4;
            case INT8 -> INT8;
        };
    }

    /// What brings matrices to this format, null for [#FULL]. What it holds belongs to the scope.
    public @Nullable Quantizer quantizer(TensorScope scope) {
        return switch (this) {
            case FULL -> null;
            case NF4 -> Quantizer.fourBit(scope, FourBitCode.NF4, false);
            case NF4_DOUBLE -> Quantizer.fourBit(scope, FourBitCode.NF4, true);
            case FP4 -> Quantizer.fourBit(scope, FourBitCode.FP4, false);
            case FP4_DOUBLE -> Quantizer.fourBit(scope, FourBitCode.FP4, true);
            case INT8 -> Quantizer.eightBit();
        };
    }
}

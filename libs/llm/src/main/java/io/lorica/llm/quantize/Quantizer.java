package io.lorica.llm.quantize;

import java.util.List;

import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import org.jspecify.annotations.Nullable;

/// Brings matrices to few bits, one at a time. It may hold tensors that the matrices share; they belong to the scope
/// that
/// it was made in.
public sealed interface Quantizer {

    /// The nearest that the format can do to a matrix, in a scope; the matrix itself is not kept.
    QuantizedMatrix quantize(TensorScope scope, Tensor matrix);

    /// 4 bits an element.
    ///
    /// @param doubleQuantization whether the scales are kept in 8 bits too: 4.127 instead of 4.5 bits an element
    static Quantizer fourBit(TensorScope scope, FourBitCode code, boolean doubleQuantization) {
        return new FourBit(FourBitTables.of(scope, code), doubleQuantization ? CodeBook.signed(scope) : null);
    }

    /// 8 bits an element.
    static Quantizer eightBit() {
        return new EightBit();
    }

    /// Into 4 bits.
    ///
    /// @param tables what the code stands for
    /// @param scaleBook the code book of quantised scales, null to keep them as they are
    record FourBit(FourBitTables tables, @Nullable CodeBook scaleBook) implements Quantizer {

        @Override
        public QuantizedMatrix quantize(TensorScope scope, Tensor matrix) {
            try (TensorScope work = scope.child("quantize")) {
                Tensor flat = work.borrow(matrix).to(ElementType.F32).reshape(-1);
                Tensor largest = Blocks.largest(flat, QuantizedMatrix.BLOCK);
                Tensor packed = tables.pack(even(work, Blocks.normalized(flat, largest, QuantizedMatrix.BLOCK)));
                return new FourBitMatrix(
                        tables, scope.adopt(packed), scales(scope, largest), matrix.size(0), matrix.size(1));
            }
        }

        private BlockScales scales(TensorScope scope, Tensor largest) {
            if (scaleBook == null) {
                return new BlockScales.Full(scope.adopt(largest));
            }
            BlockScales.Quantized scales = BlockScales.Quantized.of(scaleBook, largest);
            scope.adopt(scales.differences().codes());
            scope.adopt(scales.differences().largest());
            scope.adopt(scales.mean());
            return scales;
        }

        /// Two codes make a byte.
        private static Tensor even(TensorScope work, Tensor values) {
            return values.elements() % 2 == 0 ? values : Tensor.concat(List.of(values, work.zeros(1)), 0);
        }
    }

    /// Into 8 bits.
    record EightBit() implements Quantizer {

        @Override
        public QuantizedMatrix quantize(TensorScope scope, Tensor matrix) {
            try (TensorScope work = scope.child("widen")) {
                return EightBitMatrix.of(scope, work.borrow(matrix).to(ElementType.F32));
            }
        }
    }
}

package io.lorica.llm.quantize;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.HostMemory;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorDevice;
import io.lorica.llm.tensor.TensorScope;
import org.jspecify.annotations.Nullable;

/// Brings matrices to few bits, one at a time. It may hold tensors that the matrices share; they belong to
/// the scope that it was made in.
public sealed interface Quantizer {

    /// The nearest that the format can do to a matrix, in a scope; the matrix itself is not kept.
    QuantizedMatrix quantize(TensorScope scope, Tensor matrix);

    /// 4 bits an element.
    ///
    /// @param doubleQuantization whether the scales are kept in 8 bits too: 4.127 instead of 4.5 bits an
    /// element
    static Quantizer fourBit(TensorScope scope, FourBitCode code, boolean doubleQuantization) {
        return new FourBit(code, FourBitTables.of(scope, code), doubleQuantization ? CodeBook.signed(scope) : null);
    }

    /// 8 bits an element.
    static Quantizer eightBit() {
        return new EightBit();
    }

    /// Into 4 bits.
    ///
    /// @param code which code
    /// @param tables what the code stands for
    /// @param scaleBook the code book of quantised scales, null to keep them as they are
    record FourBit(
            FourBitCode code,
            FourBitTables tables,
            @Nullable CodeBook scaleBook) implements Quantizer {

        @Override
        public QuantizedMatrix quantize(TensorScope scope, Tensor matrix) {
            try (TensorScope work = scope.child("quantize")) {
                Tensor flat = work.borrow(matrix).reshape(-1).contiguous();
                Codes codes = flat.onGpu() ? byOperations(work, flat) : inOnePass(work, flat.to(ElementType.F32));
                return new FourBitMatrix(
                        tables,
                        scope.adopt(codes.packed()),
                        scales(scope, codes.largest()),
                        matrix.size(0),
                        matrix.size(1));
            }
        }

        /// Codes, two a byte, and the largest absolute value of each block.
        record Codes(Tensor packed, Tensor largest) {}

        Codes byOperations(TensorScope scope, Tensor flat) {
            Codes all = new Codes(
                    scope.empty(ElementType.U8, (flat.elements() + 1) / 2),
                    scope.empty(ElementType.F32, Blocks.count(flat.elements(), QuantizedMatrix.BLOCK)));
            Blocks.inStretches(flat, QuantizedMatrix.BLOCK, (work, from, part) -> {
                Tensor largest = Blocks.largest(part, QuantizedMatrix.BLOCK);
                Tensor packed = tables.pack(even(work, Blocks.normalized(part, largest, QuantizedMatrix.BLOCK)));
                Blocks.put(work.borrow(all.packed()), from / 2, packed);
                Blocks.put(work.borrow(all.largest()), from / QuantizedMatrix.BLOCK, largest);
            });
            return all;
        }

        private Codes inOnePass(TensorScope work, Tensor flat) {
            long blocks = Blocks.count(flat.elements(), QuantizedMatrix.BLOCK);
            Tensor largest = work.empty(ElementType.F32, TensorDevice.cpu(), blocks);
            Tensor packed = work.empty(ElementType.U8, TensorDevice.cpu(), (flat.elements() + 1) / 2);
            MemorySegment bytes = HostMemory.of(packed);
            NearestCode nearest = new NearestCode(code);
            HostBlocks.encode(flat, largest, QuantizedMatrix.BLOCK, (numbers, first, length) -> {
                for (int i = 0; i < length; i += 2) {
                    int low = i + 1 < length ? nearest.of(numbers[i + 1]) : nearest.of(0);
                    int pair = nearest.of(numbers[i]) << 4 | low;
                    bytes.set(ValueLayout.JAVA_BYTE, (first + i) / 2, (byte) pair);
                }
            });
            return new Codes(packed, largest);
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
            return EightBitMatrix.of(scope, matrix);
        }
    }
}

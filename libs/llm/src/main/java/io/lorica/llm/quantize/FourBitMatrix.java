package io.lorica.llm.quantize;

import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorDevice;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.tensor.Tensors;

/// A matrix in 4 bits an element (QLoRA, https://arxiv.org/abs/2305.14314), laid out as in bitsandbytes.
///
/// @param tables what its code stands for
/// @param packed the codes, two a byte, the first in the high half: uint8 `(⌈rows · columns / 2⌉)`
/// @param scales the largest absolute value of each block
/// @param rows how many rows it has
/// @param columns how many columns it has
record FourBitMatrix(FourBitTables tables, Tensor packed, BlockScales scales, long rows, long columns)
        implements QuantizedMatrix {

    @Override
    public void dequantizeInto(Tensor target) {
        GpuDequantizer.of(target).ifPresentOrElse(gpu -> gpu.fourBit(this, target), () -> byOperations(target));
    }

    private void byOperations(Tensor target) {
        try (TensorScope work = TensorScope.of(target).child("four-bit")) {
            Tensor values = Tensors.narrow(tables.unpack(work.borrow(packed)), 0, 0, rows * columns);
            Blocks.multiplyInPlace(values, scales.values(work), BLOCK);
            Tensors.copyInto(target, values.reshape(rows, columns));
        }
    }

    @Override
    public TensorDevice device() {
        return packed.onGpu() ? TensorDevice.current() : TensorDevice.cpu();
    }

    @Override
    public void set(QuantizedMatrix other) {
        if (!(other instanceof FourBitMatrix same)) {
            throw new IllegalArgumentException("a matrix in 4 bits cannot take over one of another format");
        }
        Tensors.copyInto(packed, same.packed);
        scales.set(same.scales);
    }

    @Override
    public long bytes() {
        return packed.bytes() + scales.bytes();
    }
}

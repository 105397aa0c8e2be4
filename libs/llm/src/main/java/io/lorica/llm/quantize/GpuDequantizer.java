package io.lorica.llm.quantize;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

import io.lorica.llm.cuda.Cuda;
import io.lorica.llm.cuda.CudaStream;
import io.lorica.llm.cuda.DequantizeKernel;
import io.lorica.llm.cuda.Precision;
import io.lorica.llm.cuda.Rows;
import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorDevice;

/// Numbers of quantised matrices by a kernel of our own: each byte is read once and each number written once.
///
/// @param kernel for the type of the numbers
record GpuDequantizer(DequantizeKernel kernel) {

    private static final Map<ElementType, DequantizeKernel> KERNELS = new ConcurrentHashMap<>();

    /// The one for such numbers in a GPU's memory, where there is one.
    static Optional<GpuDequantizer> of(Tensor target) {
        return of(target, QuantizedMatrix.BLOCK);
    }

    /// The same for blocks of another length.
    static Optional<GpuDequantizer> of(Tensor target, int block) {
        boolean fits = DequantizeKernel.fits(target.elements(), block);
        return target.onGpu() && fits && Cuda.available()
                ? Optional.of(new GpuDequantizer(KERNELS.computeIfAbsent(target.type(), GpuDequantizer::load)))
                : Optional.empty();
    }

    private static DequantizeKernel load(ElementType type) {
        return new DequantizeKernel(
                Cuda.device(TensorDevice.current().index()).kernels(), Precision.valueOf(type.name()));
    }

    /// target = numbers of a matrix in 4 bits.
    void fourBit(FourBitMatrix matrix, Tensor target) {
        long elements = target.elements();
        var codes = new DequantizeKernel.FourBit(
                matrix.packed().address(), matrix.tables().numbers().address());
        int block = QuantizedMatrix.BLOCK;
        switch (matrix.scales()) {
            case BlockScales.Full(Tensor scales) ->
                kernel.fourBit(CudaStream.current(), elements, codes, scales.address(), block, target.address());
            case BlockScales.Quantized(ByteBlocks differences, Tensor mean) ->
                kernel.fourBit(
                        CudaStream.current(), elements, codes, quantized(differences, mean), block, target.address());
        }
    }

    private static DequantizeKernel.QuantizedScales quantized(ByteBlocks differences, Tensor mean) {
        return new DequantizeKernel.QuantizedScales(
                differences.codes().address(),
                differences.book().numbers().address(),
                differences.largest().address(),
                mean.address(),
                ByteBlocks.BLOCK);
    }

    /// target = numbers of a matrix in 8 bits.
    ///
    /// @param block elements that share a scale
    void eightBit(Tensor codes, Tensor scales, int block, Tensor target) {
        kernel.eightBit(
                CudaStream.current(), target.elements(), codes.address(), scales.address(), block, target.address());
    }

    /// target = numbers of chosen rows.
    void eightBitRows(EightBitRows matrix, Tensor wanted, Tensor target) {
        kernel.eightBitRows(
                CudaStream.current(),
                wanted.size(0),
                Math.toIntExact(matrix.width()),
                matrix.codes().address(),
                matrix.scales().address(),
                matrix.block(),
                wanted.address(),
                new Rows(target.address(), target.stride(0)));
    }
}

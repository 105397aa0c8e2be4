package io.lorica.llm.tensor;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.pytorch.engine.PtNDArray;

/// Tensors to and from plain memory, without DJL's limit of 2 GiB a tensor.
public final class HostMemory {

    private static final Operation TO_TYPE = new Operation("aten::to", "dtype");
    private static final int CPU = 0;
    private static final int STRIDED = 0;

    private HostMemory() {}

    /// A float32 copy of values that lie in memory in row-major order. The 16-bit original never becomes an `NDArray`.
    ///
    /// @param memory the values, native memory of exactly the shape's size
    public static NDArray toTensor(TensorScope scope, MemorySegment memory, ElementType type, long... shape) {
        long view = view(memory, type, shape);
        try {
            long copy = TO_TYPE.callRaw(
                    view,
                    List.of(),
                    Argument.of((long) ElementType.F32.scalarType()),
                    Argument.of(false),
                    Argument.of(true),
                    new Argument.Absent());
            return new PtNDArray(scope.manager(), copy);
        } finally {
            LibTorch.delete(view);
        }
    }

    /// The memory of a contiguous float32 tensor on the CPU. It is gone when the tensor is.
    public static MemorySegment of(NDArray tensor) {
        if (tensor.getDataType() != DataType.FLOAT32 || !tensor.getDevice().equals(Device.cpu())) {
            throw new TensorException("only float32 tensors on the CPU can be read, not " + tensor);
        }
        long bytes = tensor.size() * ElementType.F32.bytes();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(ValueLayout.ADDRESS);
            LibTorch.check(
                    (int) LibTorch.DATA_POINTER.invokeExact(
                            ((PtNDArray) tensor).getHandle().longValue(), out),
                    "get_data_ptr");
            return out.get(ValueLayout.ADDRESS, 0).reinterpret(bytes);
        } catch (Throwable e) {
            throw LibTorch.rethrow(e);
        }
    }

    private static long view(MemorySegment memory, ElementType type, long... shape) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment sizes = arena.allocateFrom(ValueLayout.JAVA_LONG, shape);
            MemorySegment strides = arena.allocateFrom(ValueLayout.JAVA_LONG, strides(shape));
            MemorySegment out = arena.allocate(ValueLayout.JAVA_LONG);
            int status = (int) LibTorch.TENSOR_FROM_BLOB.invokeExact(
                    memory,
                    (long) shape.length,
                    sizes,
                    strides,
                    0L,
                    type.scalarType(),
                    CPU,
                    -1,
                    out,
                    STRIDED,
                    MemorySegment.NULL,
                    0L);
            LibTorch.check(status, "create_tensor_from_blob_v2");
            return out.get(ValueLayout.JAVA_LONG, 0);
        } catch (Throwable e) {
            throw LibTorch.rethrow(e);
        }
    }

    private static long[] strides(long... shape) {
        long[] strides = new long[shape.length];
        long stride = 1;
        for (int i = shape.length - 1; i >= 0; i--) {
            strides[i] = stride;
            stride *= shape[i];
        }
        return strides;
    }
}

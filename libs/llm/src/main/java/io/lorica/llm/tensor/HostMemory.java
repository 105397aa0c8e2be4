package io.lorica.llm.tensor;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/// Tensors to and from plain memory, without DJL's limit of 2 GiB a tensor.
public final class HostMemory {

    private static final Operation PIN = new Operation("aten::_pin_memory", "");
    private static final long MOST_STAGED = 1L << 20;
    private static final int CPU = 0;
    private static final int STRIDED = 0;

    private HostMemory() {}

    /// A copy on the process's device of values that lie in native memory in row-major order.
    ///
    /// @param memory the values, of exactly the shape's size
    /// @param type how they are stored there
    /// @param target how the tensor stores them
    public static Tensor toTensor(
            TensorScope scope, MemorySegment memory, ElementType type, ElementType target, long... shape) {
        return toTensor(scope, TensorDevice.current(), memory, type, target, shape);
    }

    /// A copy on that device of values that lie in native memory in row-major order.
    public static Tensor toTensor(
            TensorScope scope,
            TensorDevice device,
            MemorySegment memory,
            ElementType type,
            ElementType target,
            long... shape) {
        Tensor tensor = scope.empty(target, device, shape);
        copyInto(tensor, memory, type);
        return tensor;
    }

    /// Fills a tensor with values that lie in native memory in row-major order.
    ///
    /// @param memory the values, of exactly the tensor's size
    /// @param type how they are stored there
    public static void copyInto(Tensor target, MemorySegment memory, ElementType type) {
        long view = view(memory, type, target.shape());
        try {
            if (target.onGpu() && memory.byteSize() > 0 && memory.byteSize() <= MOST_STAGED) {
                copyLater(target, view);
            } else {
                LibTorch.copy(target.handle(), view);
            }
        } finally {
            LibTorch.delete(view);
        }
    }

    /// By way of pinned memory, so that a GPU takes the values when it comes to them and nobody waits until
    /// then. It is libtorch that keeps that memory for so long, and for the next copy.
    private static void copyLater(Tensor target, long view) {
        long pinned = PIN.callRaw(view, List.of(), new Argument.Absent());
        try {
            LibTorch.copy(target.handle(), pinned, true);
        } finally {
            LibTorch.delete(pinned);
        }
    }

    /// A copy of a GPU's tensor in pinned memory, which is filled when the GPU comes to it.
    static Tensor fetch(TensorScope scope, Tensor tensor) {
        try (Tensor room = scope.empty(tensor.type(), TensorDevice.cpu(), tensor.shape())) {
            Tensor pinned = PIN.call(room, new Argument.Absent());
            LibTorch.copy(pinned.handle(), tensor.handle(), true);
            return pinned;
        }
    }

    /// Gives the values of a tensor in row-major order to a reader; the memory is only valid meanwhile.
    public static void read(Tensor tensor, ElementType type, Reader reader) {
        try (TensorScope scope = TensorScope.open("read")) {
            Tensor copy = scope.empty(type, TensorDevice.cpu(), tensor.shape());
            LibTorch.copy(copy.handle(), tensor.handle());
            reader.read(of(copy));
        }
    }

    /// What is done with a tensor's values.
    public interface Reader {

        /// Reads the values while their memory is there.
        void read(MemorySegment values);
    }

    /// The memory of a contiguous tensor on the CPU. It is gone when the tensor is.
    public static MemorySegment of(Tensor tensor) {
        if (tensor.onGpu()) {
            throw new TensorException("only tensors on the CPU have host memory, not " + tensor);
        }
        return MemorySegment.ofAddress(address(tensor)).reinterpret(tensor.bytes());
    }

    /// Where the elements of a contiguous tensor begin, on its device.
    static long address(Tensor tensor) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(ValueLayout.ADDRESS);
            LibTorch.check((int) LibTorch.DATA_POINTER.invokeExact(tensor.handle(), out), "get_data_ptr");
            return out.get(ValueLayout.JAVA_LONG, 0);
        } catch (Throwable e) {
            throw LibTorch.rethrow(e);
        }
    }

    static float[] floats(Tensor tensor) {
        float[] values = new float[Math.toIntExact(tensor.elements())];
        read(
                tensor,
                ElementType.F32,
                memory -> MemorySegment.copy(memory, ValueLayout.JAVA_FLOAT, 0, values, 0, values.length));
        return values;
    }

    static long[] longs(Tensor tensor) {
        long[] values = new long[Math.toIntExact(tensor.elements())];
        read(
                tensor,
                ElementType.I64,
                memory -> MemorySegment.copy(memory, ValueLayout.JAVA_LONG, 0, values, 0, values.length));
        return values;
    }

    /// A handle on values that lie in native memory.
    static long view(MemorySegment memory, ElementType type, long... shape) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment sizes = arena.allocateFrom(ValueLayout.JAVA_LONG, shape);
            MemorySegment strides = arena.allocateFrom(ValueLayout.JAVA_LONG, LibTorch.strides(shape));
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
}

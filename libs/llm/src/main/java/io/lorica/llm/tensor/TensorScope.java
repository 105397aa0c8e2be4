package io.lorica.llm.tensor;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

import ai.djl.engine.Engine;
import ai.djl.pytorch.engine.PtNDManager;

/// The owner of tensors: closing a scope frees everything that was made in it and not handed on.
///
/// An operation's result belongs to the scope of its first tensor. A computation that should clean up behind itself
/// opens a [#child], works on [borrowed][#borrow] inputs and [hands on][#handOn] its result. Not thread-safe: a
/// scope belongs to one thread.
public final class TensorScope implements AutoCloseable {

    private final PtNDManager manager;

    private TensorScope(PtNDManager manager) {
        this.manager = manager;
    }

    /// A scope of its own on the process's device.
    public static TensorScope open(String name) {
        PtNDManager base = (PtNDManager)
                Engine.getInstance().newBaseManager(TensorDevice.current().djl());
        return named(base, name);
    }

    /// The scope that a tensor belongs to.
    public static TensorScope of(Tensor tensor) {
        return new TensorScope((PtNDManager) tensor.array().getManager());
    }

    /// A scope inside this one.
    public TensorScope child(String name) {
        return named((PtNDManager) manager.newSubManager(), name);
    }

    /// The same tensor under a handle that belongs to this scope, so that what is computed from it does too.
    public Tensor borrow(Tensor tensor) {
        return new Tensor(manager, LibTorch.duplicate(tensor.handle()));
    }

    /// Moves a tensor of this scope to the scope of another tensor, to outlive this one.
    public Tensor handOn(Tensor tensor, Tensor neighbour) {
        tensor.array().attach(neighbour.array().getManager());
        return tensor;
    }

    /// Moves a tensor into this scope.
    public Tensor adopt(Tensor tensor) {
        tensor.array().attach(manager);
        return tensor;
    }

    /// A float32 tensor of these values in row-major order.
    public Tensor floats(float[] values, long... shape) {
        try (Arena arena = Arena.ofConfined()) {
            return of(arena.allocateFrom(ValueLayout.JAVA_FLOAT, values), ElementType.F32, shape);
        }
    }

    /// An int64 tensor of these values in row-major order.
    public Tensor longs(long[] values, long... shape) {
        try (Arena arena = Arena.ofConfined()) {
            return of(arena.allocateFrom(ValueLayout.JAVA_LONG, values), ElementType.I64, shape);
        }
    }

    /// A tensor of bytes without sign, of these values in row-major order.
    public Tensor bytes(byte[] values, long... shape) {
        try (Arena arena = Arena.ofConfined()) {
            return of(arena.allocateFrom(ValueLayout.JAVA_BYTE, values), ElementType.U8, shape);
        }
    }

    /// A float32 tensor without dimensions.
    public Tensor scalar(double value) {
        return floats(new float[] {(float) value});
    }

    /// A float32 tensor of zeros.
    public Tensor zeros(long... shape) {
        return zeros(ElementType.F32, shape);
    }

    /// A tensor of zeros.
    public Tensor zeros(ElementType type, long... shape) {
        return empty(type, shape).zeroInPlace();
    }

    /// A tensor of undefined content.
    public Tensor empty(ElementType type, long... shape) {
        return empty(type, TensorDevice.current(), shape);
    }

    /// A tensor of undefined content on that device.
    public Tensor empty(ElementType type, TensorDevice device, long... shape) {
        return new Tensor(manager, LibTorch.empty(type, device, shape));
    }

    /// A tensor on the host over values that lie in native memory in row-major order, without a copy. The memory must
    /// stay
    /// as long as the tensor; where it is mapped for reading only, the tensor must not be written.
    public Tensor over(MemorySegment values, ElementType type, long... shape) {
        return new Tensor(manager, HostMemory.view(values, type, shape));
    }

    /// How many tensors the scope and the scopes inside it hold; a leak shows as a count that grows from step to step.
    public int tensorCount() {
        return manager.getManagedArrays().size();
    }

    private Tensor of(MemorySegment values, ElementType type, long... shape) {
        return HostMemory.toTensor(this, values, type, type, shape);
    }

    @Override
    public void close() {
        manager.close();
    }

    private static TensorScope named(PtNDManager manager, String name) {
        manager.setName(name);
        return new TensorScope(manager);
    }
}

package io.lorica.llm.tensor;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
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

    /// A scope of its own on the default device.
    public static TensorScope open(String name) {
        return named((PtNDManager) Engine.getInstance().newBaseManager().newSubManager(), name);
    }

    /// The scope that a tensor belongs to.
    public static TensorScope of(NDArray tensor) {
        return new TensorScope((PtNDManager) tensor.getManager());
    }

    /// A scope inside this one.
    public TensorScope child(String name) {
        return named((PtNDManager) manager.newSubManager(), name);
    }

    /// The same tensor under a handle that belongs to this scope, so that what is computed from it does too.
    public NDArray borrow(NDArray tensor) {
        return new PtNDArray(manager, LibTorch.duplicate(((PtNDArray) tensor).getHandle()));
    }

    /// Moves a tensor of this scope to the scope of another tensor, to outlive this one.
    public NDArray handOn(NDArray tensor, NDArray neighbour) {
        tensor.attach(neighbour.getManager());
        return tensor;
    }

    /// Moves a tensor into this scope.
    public NDArray adopt(NDArray tensor) {
        tensor.attach(manager);
        return tensor;
    }

    /// A float32 tensor of these values in row-major order.
    public NDArray floats(float[] values, long... shape) {
        return owned(manager.create(values, new Shape(shape)));
    }

    /// An int64 tensor of these values in row-major order.
    public NDArray longs(long[] values, long... shape) {
        return owned(manager.create(values, new Shape(shape)));
    }

    /// A float32 tensor without dimensions.
    public NDArray scalar(double value) {
        return floats(new float[] {(float) value});
    }

    /// A float32 tensor of zeros.
    public NDArray zeros(long... shape) {
        return manager.zeros(new Shape(shape), DataType.FLOAT32);
    }

    /// How many tensors the scope and the scopes inside it hold; a leak shows as a count that grows from step to step.
    public int tensorCount() {
        return manager.getManagedArrays().size();
    }

    /// A copy in libtorch's own memory. DJL's arrays of Java values are views of a Java buffer that is freed with the
    /// Java object, while autograd may hold the tensor until the backward pass.
    private static NDArray owned(NDArray view) {
        try (view) {
            return view.duplicate();
        }
    }

    PtNDManager manager() {
        return manager;
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

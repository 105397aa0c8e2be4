package io.lorica.llm.tensor;

import java.util.List;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;

/// Automatic differentiation of what the current thread computes.
///
/// libtorch records per thread; a scope of this class switches recording on or off and puts it back. DJL's own
/// collector is not used: it locks the whole JVM, cannot pass a gradient in, and does not clear gradients.
public final class Autograd implements AutoCloseable {

    private static final Operation DETACH = new Operation("aten::detach", "");
    private static final Operation IS_LEAF = new Operation("aten::is_leaf", "");
    private static final Operation SET = new Operation("aten::set_", "source_Tensor");

    private final boolean before;

    private Autograd(boolean recording) {
        before = JniUtils.isGradMode();
        JniUtils.setGradMode(recording);
    }

    /// Records until closed.
    public static Autograd recording() {
        return new Autograd(true);
    }

    /// Records nothing until closed.
    public static Autograd off() {
        return new Autograd(false);
    }

    /// Makes a tensor one that gradients are collected for.
    public static Tensor parameter(Tensor tensor) {
        JniUtils.attachGradient(tensor.array(), true);
        return tensor;
    }

    /// The same values without their history.
    public static Tensor detach(Tensor tensor) {
        return DETACH.call(tensor);
    }

    /// Adds the gradients of `Σ result · gradient` to every parameter that the result was computed from.
    public static void backward(Tensor result, Tensor gradient) {
        JniUtils.backward(result.array(), gradient.array(), false, false);
    }

    /// Whether a tensor depends on a parameter in a way that is recorded.
    public static boolean recorded(Tensor tensor) {
        // DJL answers for leaves only: for parameters, and not for what was computed from them.
        // A truth value fills one byte of its slot.
        boolean computed = (IS_LEAF.callRaw(tensor.handle(), List.of(tensor)) & 0xFF) == 0;
        return computed || JniUtils.requiresGrad(tensor.array());
    }

    /// The gradient collected for a parameter; the caller closes it. Fails where there is none.
    public static Tensor gradient(Tensor parameter) {
        return new Tensor(JniUtils.getGradient(parameter.array()));
    }

    /// Moves a parameter and its gradient into memory of other tensors. Whoever holds the parameter or its gradient
    /// sees it there, and gradients are collected there from now on.
    ///
    /// @param place where its elements go, in its shape and type
    /// @param gradientPlace where its gradient goes, likewise
    public static void move(Tensor parameter, Tensor place, Tensor gradientPlace) {
        try (Autograd off = off();
                Tensor gradient = existingGradient(parameter)) {
            Tensors.copyInto(place, parameter);
            SET.callInPlace(parameter, Argument.of(place));
            Tensors.copyInto(gradientPlace, gradient);
            SET.callInPlace(gradient, Argument.of(gradientPlace));
        }
    }

    /// A parameter has no gradient before the first backward pass, so there is an empty one.
    private static Tensor existingGradient(Tensor parameter) {
        PtNDArray gradient = JniUtils.getGradient(parameter.array());
        if (gradient != null) {
            return new Tensor(gradient);
        }
        try (Autograd recording = recording();
                TensorScope work = TensorScope.of(parameter).child("gradient")) {
            backward(work.borrow(parameter).mul(0).sum(), work.scalar(1));
        }
        return gradient(parameter);
    }

    /// Sets a parameter's gradient to zero, whatever it holds.
    public static void clear(Tensor parameter) {
        PtNDArray gradient = JniUtils.getGradient(parameter.array());
        if (gradient == null) {
            return;
        }
        try (Tensor values = new Tensor(gradient)) {
            values.zeroInPlace();
        }
    }

    /// Starts libtorch's random numbers (dropout) anew, for all threads.
    public static void seed(long seed) {
        JniUtils.setSeed(seed);
    }

    @Override
    public void close() {
        JniUtils.setGradMode(before);
    }
}

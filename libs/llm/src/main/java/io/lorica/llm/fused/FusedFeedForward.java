package io.lorica.llm.fused;

import java.util.List;
import java.util.stream.LongStream;

import io.lorica.llm.model.ModelConfig;
import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.tensor.Tensors;
import org.jspecify.annotations.Nullable;

/// The feed-forward block of a layer, y = x + down(silu(gate) · up of norm(x)), with its gradients by hand.
/// Tokens do not see each other here, so long sequences pass in slices and the widest tensors exist for one
/// slice at a time. Dimensions: N tokens, E elements of a hidden state, I elements inside the block.
///
/// @param config the model's shape
/// @param gain of the norm, `(E)`
/// @param input the joined gate and up projections
/// @param output the down projection
/// @param kernels what lies between products
record FusedFeedForward(ModelConfig config, Tensor gain, AdapterGroup input, AdapterGroup output, Kernels kernels) {

    static final long TOKENS_AT_ONCE = 4_096;

    /// What the way back needs.
    ///
    /// @param x `(N, E)`
    /// @param gateUp gates and ups side by side, `(N, 2·I)`; null where they are computed once more
    record Trace(Tensor x, @Nullable Tensor gateUp) {}

    /// A stretch of tokens.
    private record Slice(long from, long length) {

        static List<Slice> of(long count) {
            return LongStream.iterate(0, from -> from < count, from -> from + TOKENS_AT_ONCE)
                    .mapToObj(from -> new Slice(from, Math.min(TOKENS_AT_ONCE, count - from)))
                    .toList();
        }

        Tensor of(TensorScope work, Tensor x) {
            return Tensors.narrow(work.borrow(x), 0, from, length);
        }
    }

    /// y `(N, E)` and what is kept, in the scope.
    record Result(Tensor y, Trace trace) {}

    /// Computes the block and keeps gates and ups.
    Result keep(TensorScope scope, Tensor x) {
        Tensor gateUp = gateUp(scope, x);
        Tensor y = scope.adopt(x.duplicate());
        addOutput(scope, gateUp, y);
        return new Result(y, new Trace(x, gateUp));
    }

    /// Computes the block and keeps nothing but its input: y `(N, E)`, in the scope.
    Tensor forget(TensorScope scope, Tensor x) {
        Tensor y = scope.adopt(x.duplicate());
        for (Slice slice : Slice.of(x.size(0))) {
            try (TensorScope work = scope.child("slice")) {
                addOutput(work, gateUp(work, slice.of(work, x)), slice.of(work, y));
            }
        }
        return y;
    }

    /// Turns the gradient of y into that of x, in place, and collects those of the adapters. Gates and ups
    /// that were kept are overwritten.
    ///
    /// @param gradient `(N, E)`
    void backward(TensorScope scope, Trace trace, Tensor gradient) {
        for (Slice slice : Slice.of(trace.x().size(0))) {
            try (TensorScope work = scope.child("slice-backward")) {
                Tensor x = slice.of(work, trace.x());
                Tensor kept = trace.gateUp();
                backward(work, x, kept == null ? null : slice.of(work, kept), slice.of(work, gradient));
            }
        }
    }

    private void backward(TensorScope work, Tensor x, @Nullable Tensor kept, Tensor gradient) {
        Tensor inverse = work.empty(ElementType.F32, x.size(0));
        Augmented normed = input.normed(work, norm(), x, inverse);
        Tensor gateUp = kept == null ? input.forward(work, normed) : kept;
        throughActivated(work, gateUp, gradient);
        Augmented ofNormed = input.inputGradient(work, gateUp);
        input.collect(work, gateUp, ofNormed.inner(), normed);
        kernels.rmsNormBackward(ofNormed.inputs(), x, gain, inverse, gradient);
    }

    /// Turns gates and ups into their gradients, in place.
    private void throughActivated(TensorScope scope, Tensor gateUp, Tensor gradient) {
        try (TensorScope work = scope.child("activated-backward")) {
            Augmented ofActivated = output.inputGradient(work, gradient);
            Augmented activated = output.input(work, Math.toIntExact(gradient.size(0)));
            kernels.swiGluBackward(ofActivated.inputs(), gateUp, gateUp, activated.inputs());
            output.complete(activated);
            output.collect(work, gradient, ofActivated.inner(), activated);
        }
    }

    private Tensor gateUp(TensorScope scope, Tensor x) {
        try (TensorScope work = scope.child("feed-forward-input")) {
            return input.forward(scope, input.normed(work, norm(), x, work.empty(ElementType.F32, x.size(0))));
        }
    }

    private void addOutput(TensorScope scope, Tensor gateUp, Tensor y) {
        try (TensorScope work = scope.child("feed-forward-output")) {
            output.addForward(activated(work, gateUp), y);
        }
    }

    private Augmented activated(TensorScope work, Tensor gateUp) {
        Augmented activated = output.input(work, Math.toIntExact(gateUp.size(0)));
        kernels.swiGlu(gateUp, activated.inputs());
        output.complete(activated);
        return activated;
    }

    private Norm norm() {
        return new Norm(gain, config.normEpsilon(), kernels);
    }
}

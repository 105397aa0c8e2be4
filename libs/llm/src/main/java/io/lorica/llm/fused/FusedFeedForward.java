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
    /// @param kept what need not be computed once more, if anything
    record Trace(Tensor x, @Nullable Kept kept) {}

    /// What the way back would otherwise compute once more. Dimensions: R columns of adapters.
    ///
    /// @param gateUp gates and ups side by side, `(N, 2·I)`
    /// @param inner A · x of the down projection, `(N, R)`
    record Kept(Tensor gateUp, Tensor inner) {

        Kept of(Slice slice, TensorScope work) {
            return new Kept(slice.of(work, gateUp), slice.of(work, inner));
        }
    }

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
        Tensor inner;
        try (TensorScope work = scope.child("feed-forward-output")) {
            Augmented activated = activated(work, gateUp);
            output.addForward(activated, y);
            inner = scope.adopt(activated.inner().duplicate());
        }
        return new Result(y, new Trace(x, new Kept(gateUp, inner)));
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
    void backward(TensorScope scope, Trace trace, FlowingGradient gradient) {
        for (Slice slice : Slice.of(trace.x().size(0))) {
            try (TensorScope work = scope.child("slice-backward")) {
                Tensor x = slice.of(work, trace.x());
                Kept kept = trace.kept();
                backward(
                        work,
                        x,
                        kept == null ? null : kept.of(slice, work),
                        gradient.part(work, slice.from(), slice.length()));
            }
        }
    }

    private void backward(TensorScope work, Tensor x, @Nullable Kept kept, FlowingGradient gradient) {
        Tensor inverse = work.empty(ElementType.F32, x.size(0));
        Augmented normed = input.normed(work, norm(), x, inverse);
        Tensor gateUp = kept == null ? input.forward(work, normed) : kept.gateUp();
        throughActivated(work, gateUp, kept == null ? null : kept.inner(), gradient);
        Augmented ofNormed = input.inputGradient(work, gateUp);
        input.collect(work, gateUp, ofNormed.inner(), normed);
        kernels.rmsNormBackward(ofNormed.inputs(), x, gain, inverse, gradient.values(work));
    }

    /// Turns gates and ups into their gradients, in place.
    private void throughActivated(TensorScope scope, Tensor gateUp, @Nullable Tensor kept, FlowingGradient gradient) {
        try (TensorScope work = scope.child("activated-backward")) {
            Augmented ofOutput = gradient.withRoom(work, output.room());
            Augmented ofActivated = output.inputGradient(work, ofOutput);
            Augmented activated = output.input(work, Math.toIntExact(gateUp.size(0)));
            kernels.swiGluBackward(ofActivated.inputs(), gateUp, gateUp, activated.inputs());
            if (kept == null) {
                output.complete(activated);
            }
            Tensor inner = kept == null ? activated.inner() : kept;
            output.collect(work, ofOutput.inputs(), ofActivated.inner(), activated.inputs(), inner);
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

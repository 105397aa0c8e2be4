package io.lorica.llm.fused;

import java.util.List;

import io.lorica.llm.model.ActivationPolicy;
import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.tensor.Tensors;

/// The kernels made of libtorch's own operations, for every device and type.
final class AtenKernels implements Kernels {

    @Override
    public void rmsNorm(Tensor x, Tensor gain, double epsilon, Tensor out, Tensor inverse) {
        try (TensorScope work = TensorScope.of(x).child("rms-norm")) {
            Tensor wide = work.borrow(x).to(ElementType.F32);
            Tensor r = wide.mul(wide).mean(1).addInPlace(epsilon).rsqrt(); // (N, 1)
            Tensors.copyInto(inverse, r.reshape(-1));
            Tensors.copyInto(out, wide.mul(r).to(x.type()).mul(gain));
        }
    }

    @Override
    public void rmsNormBackward(Tensor gradient, Tensor x, Tensor gain, Tensor inverse, Tensor into) {
        try (TensorScope work = TensorScope.of(x).child("rms-norm-backward")) {
            Tensor wide = work.borrow(x).to(ElementType.F32);
            Tensor h = work.borrow(gradient).to(ElementType.F32).mul(gain); // (N, E)
            Tensor r = work.borrow(inverse).reshape(-1, 1); // (N, 1)
            Tensor along = h.mul(wide).mean(1).mul(r).mul(r);
            into.addInPlace(h.sub(wide.mul(along)).mul(r));
        }
    }

    @Override
    public void rotate(Tensor from, Tensor to, Tensor cos, Tensor sin, boolean back) {
        try (TensorScope work = TensorScope.of(from).child("rotate")) {
            Tensor first = half(work, from, 0);
            Tensor second = half(work, from, 1);
            Tensor c = work.borrow(cos).unsqueeze(1); // (N, 1, D/2)
            Tensor s = work.borrow(sin).unsqueeze(1).mul(back ? -1 : 1);
            Tensor turnedFirst = first.mul(c).sub(second.mul(s));
            Tensor turnedSecond = second.mul(c).add(first.mul(s));
            Tensors.copyInto(half(work, to, 0), turnedFirst);
            Tensors.copyInto(half(work, to, 1), turnedSecond);
        }
    }

    /// The first or the second half of each head, `(N, H, D/2)`.
    private static Tensor half(TensorScope work, Tensor heads, int which) {
        long half = heads.size(2) / 2;
        return Tensors.narrow(work.borrow(heads), 2, which * half, half);
    }

    @Override
    public void swiGlu(Tensor gateUp, Tensor out) {
        try (TensorScope work = TensorScope.of(gateUp).child("swiglu")) {
            long width = out.size(1);
            Tensor both = work.borrow(gateUp);
            Tensor up = Tensors.narrow(both, 1, width, width);
            Tensors.copyInto(
                    out, Tensors.silu(Tensors.narrow(both, 1, 0, width)).mul(up));
        }
    }

    @Override
    public void swiGluBackward(Tensor gradient, Tensor gateUp, Tensor into, Tensor out) {
        try (TensorScope work = TensorScope.of(gateUp).child("swiglu-backward")) {
            long width = gradient.size(1);
            Tensor both = work.borrow(gateUp);
            Tensor gate = Tensors.narrow(both, 1, 0, width).to(ElementType.F32);
            Tensor up = Tensors.narrow(both, 1, width, width).to(ElementType.F32);
            Tensor wide = work.borrow(gradient).to(ElementType.F32);
            Tensor sigmoid = Tensors.sigmoid(gate);
            Tensor silu = gate.mul(sigmoid);
            // d silu = σ · (1 + g · (1 - σ)) = σ + silu · (1 - σ)
            Tensor slope = sigmoid.add(silu.sub(silu.mul(sigmoid)));
            Tensor ofGate = wide.mul(up).mul(slope);
            Tensor ofUp = wide.mul(silu);
            Tensors.copyInto(out, silu.mul(up));
            Tensor target = work.borrow(into);
            Tensors.copyInto(Tensors.narrow(target, 1, 0, width), ofGate);
            Tensors.copyInto(Tensors.narrow(target, 1, width, width), ofUp);
        }
    }

    @Override
    public GradientCollector collector(List<AdapterGroup.Member> members) {
        return new MemberCollector(members);
    }

    @Override
    public LayerInputs hostInputs() {
        return new InputsAsTensors(ActivationPolicy.OFFLOAD);
    }

    @Override
    public AdapterCopier copier(List<AdapterCopy> copies) {
        return new AtenCopier(copies);
    }

    @Override
    public void crossEntropy(Tensor logits, Tensor targets, Tensor weights, Tensor losses, Tensor hits) {
        try (TensorScope work = TensorScope.of(logits).child("cross-entropy")) {
            Tensor scores = work.borrow(logits);
            Tensor columns = work.borrow(targets).reshape(-1, 1);
            Tensor ofRows = work.borrow(weights).reshape(-1, 1);
            Tensors.copyInto(hits, scores.argMax(1).eq(targets));
            if (logits.type() == ElementType.F32) {
                inPlace(scores, columns, ofRows, losses);
                return;
            }
            Tensors.copyInto(losses, Tensors.crossEntropy(scores, targets));
            Tensor probabilities = Tensors.softmax(scores.to(ElementType.F32));
            Tensors.addAt(probabilities, columns, work.zeros(columns.shape()).addInPlace(-1));
            Tensors.copyInto(logits, probabilities.mulInPlace(ofRows));
        }
    }

    /// Without a second matrix of scores: new memory of that size costs a processor more than the arithmetic.
    private static void inPlace(Tensor scores, Tensor columns, Tensor weights, Tensor losses) {
        scores.subInPlace(scores.max(1).reshape(-1, 1));
        Tensor ofTarget = Tensors.at(scores, columns);
        Tensor sum = scores.expInPlace().sum(1).reshape(-1, 1);
        Tensors.copyInto(losses, sum.log().sub(ofTarget).reshape(-1));
        scores.mulInPlace(sum.reciprocal().mulInPlace(weights));
        Tensors.addAt(scores, columns, weights.mul(-1));
    }
}

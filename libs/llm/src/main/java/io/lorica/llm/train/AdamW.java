package io.lorica.llm.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.ToDoubleFunction;

import io.lorica.contracts.job.OptimizerSpec;
import io.lorica.llm.tensor.Autograd;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.tensor.Tensors;
import io.lorica.llm.weights.SafetensorsFile;
import io.lorica.llm.weights.StoredTensor;

/// AdamW (https://arxiv.org/abs/1711.05101) with float32 moments:
/// m ← β₁m + (1-β₁)g, v ← β₂v + (1-β₂)g², p ← p(1-ηλ) - η · m̂ / (√v̂ + ε), where m̂ and v̂ are corrected for their
/// start at 0.
final class AdamW implements AutoCloseable {

    private final TensorScope scope;
    private final OptimizerSpec spec;
    private final double weightDecay;
    private final List<Slot> slots = new ArrayList<>();

    /// One parameter with its moments.
    private record Slot(String name, double rateFactor, Tensor parameter, Tensor mean, Tensor variance) {}

    /// @param spec β₁, β₂ and ε
    /// @param weightDecay λ
    /// @param rateFactor by parameter name what its learning rate is multiplied with
    AdamW(
            TensorScope parent,
            SequencedMap<String, Tensor> parameters,
            OptimizerSpec spec,
            double weightDecay,
            ToDoubleFunction<String> rateFactor) {
        this.scope = parent.child("optimizer");
        this.spec = spec;
        this.weightDecay = weightDecay;
        parameters.forEach((name, parameter) -> {
            long[] shape = parameter.shape();
            double factor = rateFactor.applyAsDouble(name);
            slots.add(new Slot(name, factor, parameter, scope.zeros(shape), scope.zeros(shape)));
        });
    }

    /// L2 norm of all gradients together.
    double gradientNorm() {
        double sum = 0;
        for (Slot slot : slots) {
            try (TensorScope work = scope.child("gradient-norm")) {
                Tensor gradient = work.adopt(Autograd.gradient(slot.parameter()));
                sum += gradient.mul(gradient).sum().toFloat();
            }
        }
        return Math.sqrt(sum);
    }

    /// Moves the parameters along their gradients.
    ///
    /// @param step the step's number, from 1
    /// @param rate η
    /// @param gradientScale a factor on every gradient, below 1 where they are clipped
    void update(int step, double rate, double gradientScale) {
        double firstCorrection = 1 - Math.pow(spec.beta1(), step);
        double rootOfSecondCorrection = Math.sqrt(1 - Math.pow(spec.beta2(), step));
        for (Slot slot : slots) {
            double ownRate = rate * slot.rateFactor();
            try (TensorScope work = scope.child("update")) {
                Tensor gradient =
                        work.adopt(Autograd.gradient(slot.parameter())).mul(gradientScale);
                slot.mean().mulInPlace(spec.beta1()).addInPlace(gradient.mul(1 - spec.beta1()));
                slot.variance()
                        .mulInPlace(spec.beta2())
                        .addInPlace(gradient.mul(gradient).mulInPlace(1 - spec.beta2()));
                Tensor denominator = work.borrow(slot.variance())
                        .sqrt()
                        .divInPlace(rootOfSecondCorrection)
                        .addInPlace(spec.epsilon());
                Tensor change = work.borrow(slot.mean()).div(denominator).mulInPlace(ownRate / firstCorrection);
                slot.parameter().mulInPlace(1 - ownRate * weightDecay).subInPlace(change);
            }
        }
    }

    /// Forgets all gradients.
    void clearGradients() {
        slots.forEach(slot -> Autograd.clear(slot.parameter()));
    }

    /// The moments by name, for a checkpoint.
    SequencedMap<String, Tensor> state() {
        SequencedMap<String, Tensor> state = new LinkedHashMap<>();
        for (Slot slot : slots) {
            state.put(slot.name() + ".mean", slot.mean());
            state.put(slot.name() + ".variance", slot.variance());
        }
        return state;
    }

    /// Takes over the moments of a checkpoint.
    void restore(SafetensorsFile file) {
        for (Map.Entry<String, Tensor> entry : state().entrySet()) {
            StoredTensor stored = file.tensor(entry.getKey())
                    .orElseThrow(() -> Checkpoint.unusable("its optimizer state lacks " + entry.getKey()));
            try (Tensor values = stored.load(scope)) {
                if (!Arrays.equals(values.shape(), entry.getValue().shape())) {
                    throw Checkpoint.unusable("its optimizer state has another shape at " + entry.getKey());
                }
                Tensors.copyInto(entry.getValue(), values);
            }
        }
    }

    @Override
    public void close() {
        scope.close();
    }
}

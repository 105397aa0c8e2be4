package io.lorica.llm.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.ToDoubleFunction;

import io.lorica.contracts.job.OptimizerKind;
import io.lorica.contracts.job.OptimizerSpec;
import io.lorica.llm.tensor.Autograd;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorDevice;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.tensor.Tensors;
import io.lorica.llm.weights.SafetensorsFile;
import io.lorica.llm.weights.StoredTensor;

/// AdamW, fused over the parameters: those that are treated alike lie in one piece of memory, and a step
/// takes a few operations on a page of it at a time.
final class AdamW implements AutoCloseable {

    // As in bitsandbytes: what is smaller is not worth the loss.
    private static final long FEWEST_IN_BYTES = 4096;
    // What a step makes on the way is some pages large, whatever the adapter is: as much as a processor's cache holds,
    // and on a GPU enough to be worth a launch.
    private static final long PAGE_OF_CPU = 1 << 17;
    private static final long PAGE_OF_GPU = 1 << 22;

    private final TensorScope scope;
    private final OptimizerSpec spec;
    private final double weightDecay;
    private final List<ParameterGroup> groups = new ArrayList<>();
    private final Optional<CudaSteps> launches;

    /// What parameters must share to be treated alike.
    private record Treatment(double rateFactor, boolean bytes) {}

    /// What is done with the parameters and gradients of a page.
    private interface PageVisitor {
        void visit(long from, Tensor values, Tensor gradient);
    }

    /// @param parameters float32, by name; gradients are collected for them
    /// @param spec which kind, β₁, β₂ and ε
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
        Map<Treatment, SequencedMap<String, Tensor>> alike = new LinkedHashMap<>();
        parameters.forEach((name, parameter) -> {
            boolean bytes = spec.kind() != OptimizerKind.ADAMW && parameter.elements() >= FEWEST_IN_BYTES;
            Treatment treatment = new Treatment(rateFactor.applyAsDouble(name), bytes);
            alike.computeIfAbsent(treatment, missing -> new LinkedHashMap<>()).put(name, parameter);
        });
        alike.forEach((treatment, members) -> groups.add(group(treatment, members)));
        this.launches = CudaSteps.of(groups, weightDecay);
    }

    private ParameterGroup group(Treatment treatment, SequencedMap<String, Tensor> members) {
        FlatParameters flat = new FlatParameters(scope, members);
        boolean visitors = spec.kind() == OptimizerKind.PAGED_ADAMW_8BIT;
        Moments moments = treatment.bytes()
                ? ByteMoments.zeros(scope, flat.length(), visitors)
                : FullMoments.zeros(scope, flat.length());
        return new ParameterGroup(treatment.rateFactor(), flat, moments);
    }

    /// L2 norm of all gradients together.
    double gradientNorm() {
        return launches.map(CudaSteps::gradientNorm).orElseGet(this::normByPages);
    }

    private double normByPages() {
        try (TensorScope work = scope.child("gradient-norm")) {
            List<Tensor> sums = new ArrayList<>();
            for (ParameterGroup group : groups) {
                pages(
                        group,
                        (from, values, gradient) ->
                                sums.add(work.adopt(gradient.mul(gradient).sum().reshape(1))));
            }
            return Math.sqrt(Tensor.concat(sums, 0).sum().toFloat());
        }
    }

    /// Moves the parameters along their gradients, unless gradients or loss are no finite numbers: then
    /// parameters and moments stay as they are.
    ///
    /// @param step the step's number, from 1
    /// @param rate η
    /// @param limit how long the gradients may be
    /// @param loss that of the step, float32 without dimensions
    /// @return the norm of the gradients without their scale, float32 without dimensions, in the scope of the loss
    Tensor advance(int step, double rate, GradientLimit limit, Tensor loss) {
        if (launches.isPresent()) {
            AdamStep plain = new AdamStep(spec, weightDecay, step, rate, 1);
            return launches.get().advance(plain, limit, loss);
        }
        double norm = normByPages() / limit.scale();
        if (Double.isFinite(norm) && Float.isFinite(loss.toFloat())) {
            updateByPages(new AdamStep(spec, weightDecay, step, rate, limit.factor(norm)));
        }
        return TensorScope.of(loss).scalar(norm);
    }

    /// Whether a step whose numbers are not finite leaves those after it without effect, too, until [#goOn].
    boolean stopsItself() {
        return launches.isPresent();
    }

    /// Lets steps have an effect again.
    void goOn() {
        launches.ifPresent(CudaSteps::goOn);
    }

    private void updateByPages(AdamStep plain) {
        for (ParameterGroup group : groups) {
            AdamStep own = plain.faster(group.rateFactor());
            pages(group, (from, values, gradient) -> group.moments().move(own, from, values, gradient));
        }
    }

    /// Forgets all gradients.
    void clearGradients() {
        groups.forEach(group -> group.parameters().gradients().zeroInPlace());
    }

    /// The moments by name, for a checkpoint; views in a scope.
    SequencedMap<String, Tensor> state(TensorScope work) {
        SequencedMap<String, Tensor> state = new LinkedHashMap<>();
        for (ParameterGroup group : groups) {
            for (FlatParameters.Place place : group.parameters().places()) {
                group.moments()
                        .state(work, place.from(), place.length())
                        .forEach((part, tensor) -> state.put(place.name() + "." + part, tensor));
            }
        }
        return state;
    }

    /// Takes over the moments of a checkpoint.
    void restore(SafetensorsFile file) {
        try (TensorScope work = scope.child("restore")) {
            for (Map.Entry<String, Tensor> entry : state(work).entrySet()) {
                StoredTensor stored = file.tensor(entry.getKey())
                        .orElseThrow(() -> Checkpoint.unusable("its optimizer state lacks " + entry.getKey()));
                if (!Arrays.equals(stored.shape(), entry.getValue().shape())) {
                    throw Checkpoint.unusable("its optimizer state has another shape at " + entry.getKey());
                }
                stored.loadInto(entry.getValue());
            }
        }
    }

    /// How many bytes the moments take in memory.
    long bytes() {
        return groups.stream().mapToLong(group -> group.moments().bytes()).sum();
    }

    @Override
    public void close() {
        launches.ifPresent(CudaSteps::close);
        scope.close();
    }

    private void pages(ParameterGroup group, PageVisitor visitor) {
        FlatParameters flat = group.parameters();
        long whole = TensorDevice.current().gpu() ? PAGE_OF_GPU : PAGE_OF_CPU;
        for (long from = 0; from < flat.length(); from += whole) {
            long length = Math.min(whole, flat.length() - from);
            try (TensorScope page = scope.child("page");
                    Autograd off = Autograd.off()) {
                visitor.visit(
                        from, part(page, flat.values(), from, length), part(page, flat.gradients(), from, length));
            }
        }
    }

    private static Tensor part(TensorScope page, Tensor all, long from, long length) {
        return Tensors.narrow(page.borrow(all), 0, from, length);
    }
}

package io.lorica.llm.lora;

import java.util.Optional;

import io.lorica.llm.model.CausalLm;
import io.lorica.llm.model.FullTokens;
import io.lorica.llm.model.ProjectionSite;
import io.lorica.llm.model.StreamedEnds;
import io.lorica.llm.model.WholeTensors;
import io.lorica.llm.projection.FrozenWeight;
import io.lorica.llm.projection.FullWeight;
import io.lorica.llm.projection.QuantizedWeight;
import io.lorica.llm.projection.StreamedWeight;
import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.tensor.Tensors;
import io.lorica.llm.weights.TensorSource;

/// Base and adapter side by side, the base's weights having the errors that rounding a merged model leaves: what a
/// right
/// merge may differ by. The sums of a base in 16 bits and its adapter are rounded although the base alone needs no
/// rounding, so each adapted matrix gets the error of its sum, as another grid of equally fine steps leaves it: on the
/// same grid yardstick and merge would be equal, and prove nothing.
///
/// @param base the model that the adapter was trained on
/// @param adapter the adapter
/// @param merged what is written
/// @param type what it is rounded to
record RoundedBase(CausalLm base, AdapterParameters adapter, MergedTensors merged, ElementType type) {

    /// Moves every number between two steps of a grid to another place between two.
    private static final double SHIFT = Math.sqrt(0.5);

    /// The model.
    ///
    /// @param scope owns its norms and biases
    CausalLm make(TensorScope scope) {
        CausalLm rounded = new StreamedEnds(scope, base, this::whole, ElementType.F32)
                .make()
                .withMatrices((site, weight) -> new StreamedWeight(matrix(site, weight), ElementType.F32));
        return new AdapterParameters(adapter.pairs()).applyTo(rounded, 0);
    }

    /// What no merge changes is rounded as it is written. Embedding and head in few bits stay as they were trained on.
    private Optional<TensorSource> whole(String name) {
        boolean inFull = switch (name) {
            case WholeTensors.EMBEDDING ->
                base.weights().embedding() instanceof FullTokens
                        || adapter.whole().containsKey(name);
            case WholeTensors.HEAD ->
                base.weights().head() instanceof FullTokens || adapter.whole().containsKey(name);
            default -> true;
        };
        return inFull ? Optional.of(merged.whole(name).mapped(this::rounded)) : Optional.empty();
    }

    private TensorSource matrix(ProjectionSite site, FrozenWeight weight) {
        TensorSource sum = merged.merged(site);
        boolean adapted = merged.pair(site).isPresent();
        return new TensorSource(sum.name(), sum.shape(), sum.rowsAtOnce(), (scope, first, count) -> {
            Tensor exact = sum.rows().of(scope, first, count).to(ElementType.F32);
            Tensor error = (adapted ? shifted(exact, type) : rounded(exact)).sub(exact);
            return error.addInPlace(rows(scope, weight, first, count));
        });
    }

    private static Tensor rows(TensorScope scope, FrozenWeight weight, long first, long count) {
        return switch (weight) {
            case FullWeight full -> Tensors.narrow(scope.borrow(full.matrix()), 0, first, count);
            case QuantizedWeight _, StreamedWeight _ -> Tensors.narrow(weight.values(scope), 0, first, count);
        };
    }

    private Tensor rounded(Tensor values) {
        return values.to(type).to(ElementType.F32);
    }

    /// Numbers as a grid of equally fine steps rounds them.
    static Tensor shifted(Tensor values, ElementType type) {
        Tensor moved = values.to(ElementType.F32).mul(SHIFT);
        return moved.to(type).to(ElementType.F32).mul(1 / SHIFT);
    }
}

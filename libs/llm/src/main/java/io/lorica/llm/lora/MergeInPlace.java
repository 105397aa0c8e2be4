package io.lorica.llm.lora;

import java.util.ArrayList;
import java.util.List;

import io.lorica.llm.model.CausalLm;
import io.lorica.llm.model.WholeTensors;
import io.lorica.llm.projection.Dense;
import io.lorica.llm.projection.FullWeight;
import io.lorica.llm.tensor.Autograd;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorDevice;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.tensor.Tensors;

/// An adapter merged into the weights of the base in place, so that the one adapter that is asked for most costs no
/// more than the base. Meanwhile the base answers as the adapter does, and no other adapter may be used on it. Closing
/// puts the weights back bit for bit, from copies in the host's memory: subtracting what was added would leave rounding
/// behind, a little more each time.
public final class MergeInPlace implements AutoCloseable {

    private final TensorScope copies = TensorScope.open("weights-before-merge");
    private final List<Replaced> replaced = new ArrayList<>();
    private final CausalLm model;

    /// A matrix that was changed, and its values before.
    private record Replaced(Tensor matrix, Tensor before) {}

    /// Merges.
    ///
    /// @throws IllegalArgumentException when the base is quantised, whose weights cannot hold the sum
    public MergeInPlace(CausalLm base, AdapterParameters adapter) {
        this.model = base.withWeights(WholeTensors.replace(base.weights(), adapter.whole()));
        try (Autograd off = Autograd.off()) {
            adapter.pairs().forEach(pair -> merge(base, pair));
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /// The model that base and adapter have become.
    public CausalLm model() {
        return model;
    }

    @Override
    public void close() {
        try (Autograd off = Autograd.off()) {
            replaced.forEach(change -> Tensors.copyInto(change.matrix(), change.before()));
        }
        replaced.clear();
        copies.close();
    }

    private void merge(CausalLm base, LoraPair pair) {
        Dense dense = base.weights()
                .layers()
                .get(pair.site().layer())
                .projection(pair.site().kind());
        if (!(dense.weight() instanceof FullWeight full)) {
            throw new IllegalArgumentException("an adapter cannot be merged into quantised weights in place");
        }
        try (TensorScope work = copies.child("merge")) {
            Tensor whole = pair.wholeWeight(work, dense);
            replaced.add(new Replaced(
                    full.matrix(), copies.adopt(work.borrow(full.matrix()).copyTo(TensorDevice.cpu()))));
            Tensors.copyInto(full.matrix(), whole);
        }
    }
}

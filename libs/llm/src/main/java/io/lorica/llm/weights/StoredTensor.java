package io.lorica.llm.weights;

import java.util.Optional;

import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorDevice;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.tensor.Tensors;

/// One tensor in a mapped file; nothing of it is read before it is loaded or looked through, and what was read stays
/// out of the process's memory.
public interface StoredTensor {

    /// Its name in Hugging Face's layout, such as `model.norm.weight`.
    String name();

    /// How its elements are stored; float32 where they are quantised and have to be computed.
    ElementType type();

    /// Its dimensions.
    long[] shape();

    /// Whether its elements are computed from bits that are no numbers themselves.
    boolean decoded();

    /// Whether all elements are finite, as far as the file's bytes tell without decoding them. Read on the host.
    boolean finite();

    /// The tensor where it lies, in its own type and for reading only, valid until its file is closed; empty where its
    /// elements do not lie one by one.
    default Optional<Tensor> inPlace(TensorScope scope) {
        return Optional.empty();
    }

    /// Fills a tensor of its shape.
    void loadInto(Tensor target);

    /// Fills a tensor with some of its rows.
    ///
    /// @param first the index of the first of them along its first axis
    /// @param target as many rows as it has
    default void loadRowsInto(Tensor target, long first) {
        try (TensorScope work = TensorScope.open("rows")) {
            Tensor whole = work.empty(type(), TensorDevice.cpu(), shape());
            loadInto(whole);
            Tensors.copyInto(target, Tensors.narrow(whole, 0, first, target.size(0)));
        }
    }

    /// A copy of some of its rows in a scope; of the whole tensor where it has no axis.
    default Tensor loadRows(TensorScope scope, ElementType target, long first, long count) {
        long[] part = shape();
        if (part.length == 0 || count == part[0]) {
            return load(scope, target);
        }
        part[0] = count;
        Tensor tensor = scope.empty(target, part);
        loadRowsInto(tensor, first);
        return tensor;
    }

    /// A float32 copy in a scope.
    default Tensor load(TensorScope scope) {
        return load(scope, ElementType.F32);
    }

    /// A copy of that type in a scope.
    default Tensor load(TensorScope scope, ElementType target) {
        Tensor tensor = scope.empty(target, shape());
        loadInto(tensor);
        return tensor;
    }
}

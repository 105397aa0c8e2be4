package io.lorica.llm.weights;

import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;

/// One tensor in a mapped file; nothing of it is read before it is loaded or looked through.
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

    /// Fills a tensor of its shape.
    void loadInto(Tensor target);

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

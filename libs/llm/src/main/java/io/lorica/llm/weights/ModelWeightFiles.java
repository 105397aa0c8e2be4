package io.lorica.llm.weights;

import java.util.Optional;
import java.util.Set;

/// The weights of one model, mapped. Its tensors are valid until it is closed.
public interface ModelWeightFiles extends AutoCloseable {

    /// The names of all tensors.
    Set<String> names();

    /// One of the tensors.
    Optional<StoredTensor> tensor(String name);

    @Override
    void close();
}

package io.lorica.llm.fused;

import java.util.List;

import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.tensor.Tensors;

/// Copies parameter by parameter, with libtorch's own operations.
///
/// @param copies what goes where
record AtenCopier(List<AdapterCopy> copies) implements AdapterCopier {

    @Override
    public void copy() {
        for (AdapterCopy copy : copies) {
            try (TensorScope work = TensorScope.of(copy.target()).child("copy")) {
                Tensors.copyInto(copy.target(), work.borrow(copy.parameter()).mul(copy.factor()));
            }
        }
    }

    @Override
    public void close() {
        // It holds nothing of its own.
    }
}

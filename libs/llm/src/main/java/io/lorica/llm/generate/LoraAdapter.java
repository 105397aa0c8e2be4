package io.lorica.llm.generate;

import io.lorica.llm.lora.AdapterParameters;
import io.lorica.llm.model.CausalLm;
import io.lorica.llm.tensor.TensorScope;

/// An adapter in memory, with the view of the base model that applies it.
///
/// @param scope what owns its tensors
/// @param parameters its tensors
/// @param base the model it was loaded for
/// @param model the base model with the adapter beside its projections
record LoraAdapter(TensorScope scope, AdapterParameters parameters, CausalLm base, CausalLm model)
        implements LoadedAdapter {

    @Override
    public long bytes() {
        return parameters.bytes();
    }

    @Override
    public void close() {
        scope.close();
    }
}

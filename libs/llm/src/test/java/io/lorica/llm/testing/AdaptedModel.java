package io.lorica.llm.testing;

import java.nio.file.Path;

import io.lorica.contracts.job.LoraSpec;
import io.lorica.llm.fused.FusedModel;
import io.lorica.llm.lora.AdapterParameters;
import io.lorica.llm.lora.FreshAdapter;
import io.lorica.llm.model.CausalLm;
import io.lorica.llm.model.LoadPlan;
import io.lorica.llm.model.ModelConfigReader;
import io.lorica.llm.model.ModelLoader;
import io.lorica.llm.tensor.Autograd;
import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.TensorDevice;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.weights.ModelDirectory;

/// A model with room beside its matrices for an adapter, and the adapter as a part of training leaves it, ready for
/// the next step.
///
/// @param scope what owns both
/// @param base the frozen model
/// @param adapter attached to [Autograd]
public record AdaptedModel(TensorScope scope, CausalLm base, AdapterParameters adapter) {

    private static final int SEED = 3;

    /// In the type that gradients by hand want here: a GPU has them in 16 bits only.
    public static AdaptedModel of(TensorScope scope, Path model, LoraSpec spec) {
        return of(scope, model, spec, TensorDevice.current().gpu() ? ElementType.BF16 : ElementType.F32);
    }

    /// In that type.
    public static AdaptedModel of(TensorScope scope, Path model, LoraSpec spec, ElementType type) {
        ModelDirectory files = new ModelDirectory(model);
        LoadPlan plan = LoadPlan.of(type).with(AdapterParameters.room(ModelConfigReader.read(files.config()), spec));
        CausalLm base = ModelLoader.load(scope, files, plan);
        AdapterParameters adapter = FreshAdapter.create(scope, base, spec, SEED);
        // B begins at 0, which would leave A without gradients.
        Adapters.disturb(scope, adapter);
        adapter.named().values().forEach(Autograd::parameter);
        return new AdaptedModel(scope, base, adapter);
    }

    /// With gradients by hand; the caller closes it.
    public FusedModel fused() {
        return FusedModel.of(scope, base, adapter);
    }
}

package io.lorica.inference.engine;

import java.nio.file.Path;

import io.lorica.contracts.job.BaseQuantization;
import io.lorica.inference.config.InferenceConfig;
import io.lorica.llm.generate.LanguageModel;
import io.lorica.llm.generate.LoadedLanguageModel;
import io.lorica.llm.model.LoadPlan;
import io.lorica.llm.quantize.WeightFormat;
import io.lorica.llm.tensor.TensorDevice;
import io.quarkus.arc.DefaultBean;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/// Makes the loader of real models a bean.
final class ModelLoaderProducer {

    @Produces
    @Singleton
    @DefaultBean
    ModelLoader loader(InferenceConfig config) {
        return of(config);
    }

    /// Loads models as the settings say.
    ///
    /// @throws IllegalArgumentException when they contradict each other
    static ModelLoader of(InferenceConfig config) {
        BaseQuantization quantization = config.quantization();
        if (config.doubleQuantization() && !quantization.fourBit()) {
            throw new IllegalArgumentException(
                    "lorica.inference.double-quantization is for 4-bit weights; set lorica.inference.quantization to nf4"
                            + " or fp4, or leave it out");
        }
        if (config.mergeAfter() > 0 && quantization != BaseQuantization.NONE) {
            throw new IllegalArgumentException("lorica.inference.merge-after cannot merge into weights of few bits;"
                    + " leave it out, or set lorica.inference.quantization to none");
        }
        boolean mapped = quantization == BaseQuantization.NONE && config.mergeAfter() == 0;
        return new RealModels(WeightFormat.of(quantization, config.doubleQuantization()), mapped);
    }

    /// Models in the type that the device computes in best.
    ///
    /// @param mapped whether weights are used where they lie, as they can be where they stay as they are
    private record RealModels(WeightFormat format, boolean mapped) implements ModelLoader {

        @Override
        public LanguageModel load(Path directory) {
            return mapped ? LoadedLanguageModel.mapped(directory) : LoadedLanguageModel.load(directory, plan());
        }

        @Override
        public boolean fits(Path directory) {
            return LoadedLanguageModel.fits(directory, plan());
        }

        private LoadPlan plan() {
            return LoadPlan.of(TensorDevice.current().bestType()).with(format);
        }
    }
}

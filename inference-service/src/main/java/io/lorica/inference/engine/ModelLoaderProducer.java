package io.lorica.inference.engine;

import io.lorica.llm.generate.LoadedLanguageModel;
import io.quarkus.arc.DefaultBean;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/// Makes the loader of real models a bean.
final class ModelLoaderProducer {

    @Produces
    @Singleton
    @DefaultBean
    ModelLoader loader() {
        return LoadedLanguageModel::load;
    }
}

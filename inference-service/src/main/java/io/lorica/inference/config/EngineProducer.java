package io.lorica.inference.config;

import io.lorica.inference.engine.ModelLoader;
import io.lorica.llm.generate.LoadedLanguageModel;
import io.quarkus.arc.DefaultBean;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/// Makes the loader of real models a bean.
public final class EngineProducer {

    @Produces
    @Singleton
    @DefaultBean
    ModelLoader loader() {
        return LoadedLanguageModel::load;
    }
}

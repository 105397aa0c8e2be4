package io.lorica.trainer.config;

import io.lorica.llm.train.LoraTrainingEngine;
import io.lorica.llm.train.TrainingEngine;
import io.quarkus.arc.DefaultBean;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/// Makes the engine that trains a bean.
public final class EngineProducer {

    @Produces
    @Singleton
    @DefaultBean
    TrainingEngine engine() {
        return new LoraTrainingEngine();
    }
}

package io.lorica.kit.store;

import io.lorica.models.BaseModels;
import io.lorica.models.CachedBaseModels;
import io.lorica.models.ModelsSettings;
import io.quarkus.arc.DefaultBean;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/// Makes the configured source of base models a bean.
public final class BaseModelsProducer {

    @Produces
    @Singleton
    @DefaultBean
    BaseModels baseModels(ModelsConfig models, StoreConfig store) {
        return new CachedBaseModels(
                new ModelsSettings(models.cache(), models.hub(), models.token(), ObjectStoreProducer.settings(store)));
    }
}

package io.lorica.kit.store;

import io.lorica.models.BaseModels;
import io.lorica.models.CachedBaseModels;
import io.lorica.models.ModelAccess;
import io.lorica.models.ModelNames;
import io.lorica.models.ModelsSettings;
import io.lorica.models.NamedBaseModels;
import io.quarkus.arc.DefaultBean;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/// Makes the configured source of base models a bean.
public final class BaseModelsProducer {

    @Produces
    @Singleton
    @DefaultBean
    BaseModels baseModels(ModelsConfig models, StoreConfig store) {
        return new NamedBaseModels(
                names(models),
                new CachedBaseModels(new ModelsSettings(
                        models.cache(), models.hub(), models.token(), ObjectStoreProducer.settings(store))));
    }

    @Produces
    @Singleton
    ModelAccess modelAccess(ModelsConfig models, StoreConfig store) {
        return new ModelAccess(
                names(models), models.directories(), models.buckets(), models.hubOwners(), store.bucket());
    }

    private static ModelNames names(ModelsConfig models) {
        return models.names().map(ModelNames::parse).orElse(ModelNames.NONE);
    }
}

package io.lorica.kit.store;

import io.lorica.storage.ObjectStore;
import io.lorica.storage.ObjectStores;
import io.lorica.storage.StoreSettings;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/// Makes the configured object store a bean.
public final class ObjectStoreProducer {

    @Produces
    @Singleton
    ObjectStore objectStore(StoreConfig config) {
        return ObjectStores.open(new StoreSettings(
                config.endpoint(), config.accessKey(), config.secretKey(), config.region(), config.bucket()));
    }
}

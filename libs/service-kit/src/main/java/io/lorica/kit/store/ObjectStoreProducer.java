package io.lorica.kit.store;

import io.lorica.contracts.secret.Placeholders;
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
        return ObjectStores.open(settings(config));
    }

    /// The configuration as the store's client takes it.
    ///
    /// @throws IllegalArgumentException if a key is still a template's value
    static StoreSettings settings(StoreConfig config) {
        return new StoreSettings(
                config.endpoint(),
                Placeholders.checked("LORICA_STORE_ACCESS_KEY", config.accessKey()),
                Placeholders.checked("LORICA_STORE_SECRET_KEY", config.secretKey()),
                config.region(),
                config.bucket(),
                config.payloadSigning());
    }
}

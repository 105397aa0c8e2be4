package io.lorica.dataset.config;

import io.lorica.kit.health.Abilities;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/// Says what the service can do without store and broker, and what it cannot.
final class AbilitiesProducer {

    @Produces
    @Singleton
    Abilities abilities() {
        return Abilities.waiting("all calls under /v1/files", "datasets for jobs; files can be used without it");
    }
}

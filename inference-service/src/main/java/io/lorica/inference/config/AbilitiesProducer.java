package io.lorica.inference.config;

import java.time.Duration;

import io.lorica.kit.health.Abilities;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/// Says what the service can do without store and broker, and what it cannot.
final class AbilitiesProducer {

    private static final Duration START_PATIENCE = Duration.ofSeconds(30);

    @Produces
    @Singleton
    Abilities abilities() {
        return new Abilities(
                "fine-tuned models that were not asked since the start, and deletion; models in memory or on this machine"
                        + " answer without it",
                "news of fine-tuned models, and deletion; all known models answer without it",
                START_PATIENCE);
    }
}

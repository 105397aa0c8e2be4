package io.lorica.trainer.config;

import io.lorica.kit.health.Abilities;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/// Says what the service can do without store and broker, and what it cannot.
final class AbilitiesProducer {

    @Produces
    @Singleton
    Abilities abilities() {
        return Abilities.waiting(
                "new jobs, and the checkpoints of running ones; lists of jobs, events and cancelling can be used without it",
                "new jobs and changes of jobs; lists show what was known last");
    }
}

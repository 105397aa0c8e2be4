package io.lorica.inference.engine;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;

/// What the engine measures of itself. No tag takes values from a request.
final class EngineMetrics {

    /// How an answer ends.
    enum Outcome {
        STOP,
        LENGTH,
        ABANDONED,
        FAILED
    }

    private final AtomicInteger active = new AtomicInteger();
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicInteger models = new AtomicInteger();
    private final Counter generated;
    private final Counter fed;
    private final Timer firstToken;
    private final Timer load;
    private final Map<Outcome, Counter> ended = new EnumMap<>(Outcome.class);

    EngineMetrics(MeterRegistry registry) {
        generated = Counter.builder("lorica.tokens.generated")
                .description("Tokens generated")
                .register(registry);
        fed = Counter.builder("lorica.tokens.prompt")
                .description("Tokens of prompts computed")
                .register(registry);
        firstToken = Timer.builder("lorica.time.to.first.token")
                .description("Time from a question's arrival to its first token")
                .publishPercentileHistogram()
                .register(registry);
        load = Timer.builder("lorica.model.load")
                .description("Time to load a base model")
                .register(registry);
        gauge(registry, "lorica.sequences.active", "Answers in progress", active);
        gauge(registry, "lorica.sequences.waiting", "Questions that wait for their turn", waiting);
        gauge(registry, "lorica.models.loaded", "Base models in memory", models);
        for (Outcome outcome : Outcome.values()) {
            Counter counter = Counter.builder("lorica.sequences.ended")
                    .description("Answers that have ended, by how")
                    .tag("outcome", outcome.name().toLowerCase(Locale.ROOT))
                    .register(registry);
            ended.put(outcome, counter);
        }
    }

    private static void gauge(MeterRegistry registry, String name, String description, AtomicInteger value) {
        Gauge.builder(name, value, AtomicInteger::get).description(description).register(registry);
    }

    AtomicInteger active() {
        return active;
    }

    AtomicInteger waiting() {
        return waiting;
    }

    AtomicInteger models() {
        return models;
    }

    Counter generated() {
        return generated;
    }

    Counter fed() {
        return fed;
    }

    Timer firstToken() {
        return firstToken;
    }

    Timer load() {
        return load;
    }

    void ended(Outcome outcome) {
        Objects.requireNonNull(ended.get(outcome)).increment();
    }
}

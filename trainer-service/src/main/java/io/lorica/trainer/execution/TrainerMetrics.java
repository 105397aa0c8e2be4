package io.lorica.trainer.execution;

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.job.StepMetrics;
import io.lorica.trainer.job.Job;
import io.lorica.trainer.job.JobCatalog;
import io.lorica.trainer.job.JobState;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.BaseUnits;
import jakarta.inject.Singleton;
import org.jspecify.annotations.Nullable;

/// The trainer's metrics. Tags have few values: outcomes, error codes and states, never jobs or models. Safe for many
/// threads.
@Singleton
public final class TrainerMetrics {

    private static final String PREFIX = "lorica.trainer.";

    private final MeterRegistry registry;
    private final JobCatalog catalog;
    private final WorkerHealth health;
    private volatile @Nullable Instant savedAt;
    private volatile @Nullable Instant waitsSince;
    private volatile double tokensPerSecond = Double.NaN;
    private volatile double loss = Double.NaN;

    TrainerMetrics(MeterRegistry registry, JobCatalog catalog, WorkerHealth health) {
        this.registry = registry;
        this.health = health;
        this.catalog = catalog;
        gauge("queue.jobs", "Jobs that wait for a trainer.", it -> it.queued());
        gauge("queue.oldest.age.seconds", "Age of the oldest job that waits for a trainer.", it -> it.oldest());
        gauge("tokens.per.second", "Throughput since the last measured step.", it -> it.tokensPerSecond);
        gauge("loss", "Training loss of the last measured step.", it -> it.loss);
        gauge("checkpoint.age.seconds", "Time since the last checkpoint was saved.", it -> age(it.savedAt));
        gauge("waiting.seconds", "How long the present wait for the machine has lasted.", it -> age(it.waitsSince));
        for (WorkerState state : WorkerState.values()) {
            Gauge.builder(PREFIX + "worker", this, it -> it.health.state() == state ? 1 : 0)
                    .description("1 for the state that the worker is in.")
                    .tag("state", state.name().toLowerCase(Locale.ROOT))
                    .register(registry);
        }
    }

    private void gauge(String name, String what, ToDoubleFunction<TrainerMetrics> value) {
        Gauge.builder(PREFIX + name, this, value).description(what).register(registry);
    }

    /// A run begins: what the one before measured says nothing of it.
    void begin() {
        tokensPerSecond = Double.NaN;
        loss = Double.NaN;
        savedAt = null;
        waitsSince = null;
    }

    /// An attempt has ended.
    ///
    /// @param outcome one of few words
    void attempt(String outcome) {
        registry.counter(PREFIX + "attempts", "outcome", outcome).increment();
    }

    /// Steps are done.
    void steps(Duration each, int count) {
        Timer timer = registry.timer(PREFIX + "step");
        for (int i = 0; i < count; i++) {
            timer.record(each);
        }
    }

    /// A step was measured.
    void measured(StepMetrics step) {
        tokensPerSecond = step.tokensPerSecond();
        loss = step.trainLoss();
    }

    /// A checkpoint is in the store.
    void saved(Duration took, long bytes) {
        savedAt = Instant.now();
        registry.timer(PREFIX + "checkpoint").record(took.toNanos(), TimeUnit.NANOSECONDS);
        registry.summary(PREFIX + "checkpoint.size." + BaseUnits.BYTES).record((double) bytes);
    }

    /// A wait for the machine began, or its cause changed.
    void waits(ErrorCode cause, Instant since) {
        waitsSince = since;
        registry.counter(PREFIX + "waits", "cause", cause.wireName()).increment();
    }

    /// The wait is over.
    void waitsNoMore() {
        waitsSince = null;
    }

    private long queued() {
        return catalog.newestFirst().stream().filter(TrainerMetrics::waits).count();
    }

    private double oldest() {
        return catalog.newestFirst().reversed().stream()
                .filter(TrainerMetrics::waits)
                .findFirst()
                .map(job -> age(job.createdAt()))
                .orElse(0.0);
    }

    private static boolean waits(Job job) {
        return job.state() instanceof JobState.Queued;
    }

    private static double age(@Nullable Instant since) {
        return since == null ? 0 : Duration.between(since, Instant.now()).toMillis() / 1000.0;
    }
}

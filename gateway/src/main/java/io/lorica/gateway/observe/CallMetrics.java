package io.lorica.gateway.observe;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import jakarta.inject.Singleton;

/// Counts and times calls by route template, method and status. Thread-safe.
@Singleton
public final class CallMetrics {

    /// The methods that are known; all others are one in metrics.
    public static final Set<String> METHODS = Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS");
    private static final Duration[] BUCKETS = {
        Duration.ofMillis(10),
        Duration.ofMillis(50),
        Duration.ofMillis(100),
        Duration.ofMillis(500),
        Duration.ofSeconds(1),
        Duration.ofSeconds(5),
        Duration.ofSeconds(30),
        Duration.ofMinutes(2),
        Duration.ofMinutes(10)
    };

    private final MeterRegistry registry;
    private final AtomicInteger calls = new AtomicInteger();
    private final AtomicInteger streams = new AtomicInteger();
    private final AtomicInteger connections = new AtomicInteger();

    /// Meters in that registry.
    public CallMetrics(MeterRegistry registry) {
        this.registry = registry;
        gauge("lorica.gateway.calls.open", "Calls in progress", calls);
        gauge("lorica.gateway.streams.open", "Answers in progress that are streams of events", streams);
        gauge("lorica.gateway.connections.open", "Connections from callers", connections);
    }

    /// Counts a call that begins.
    public void callBegins() {
        calls.incrementAndGet();
    }

    /// Counts a call that is over.
    public void callEnds(String route, String method, int status, long nanos) {
        calls.decrementAndGet();
        Timer.builder("lorica.gateway.requests")
                .description("Calls by route, from their head to the end of the answer")
                .tag("route", route)
                .tag("method", METHODS.contains(method) ? method : "other")
                .tag("status", Integer.toString(status))
                .serviceLevelObjectives(BUCKETS)
                .register(registry)
                .record(nanos, TimeUnit.NANOSECONDS);
    }

    /// Counts a call that is turned away.
    public void refused(RefusalReason reason) {
        registry.counter("lorica.gateway.refused", "reason", reason.tag()).increment();
    }

    /// Counts a stream that begins.
    public void streamBegins() {
        streams.incrementAndGet();
    }

    /// Counts a stream that is over.
    public void streamEnds() {
        streams.decrementAndGet();
    }

    /// Counts a connection that a caller opened, and returns how many there are.
    public int connectionOpens() {
        return connections.incrementAndGet();
    }

    /// Counts a connection that is closed.
    public void connectionCloses() {
        connections.decrementAndGet();
    }

    private void gauge(String name, String description, AtomicInteger value) {
        Gauge.builder(name, value, AtomicInteger::get).description(description).register(registry);
    }
}

package io.lorica.gateway.access;

import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

import io.lorica.gateway.config.GatewayConfig;

/// How often each caller may call: one token bucket for each. Thread-safe.
public final class RateLimit {

    private final int perMinute;
    private final int burst;
    private final LongSupplier nanoClock;
    private final ConcurrentHashMap<String, TokenBucket> buckets = new ConcurrentHashMap<>();

    /// A limit; 0 calls per minute is none.
    public RateLimit(GatewayConfig.Rate rate, LongSupplier nanoClock) {
        this.perMinute = rate.requestsPerMinute();
        this.burst = rate.burst();
        this.nanoClock = nanoClock;
        if (perMinute < 0 || burst < 1) {
            throw new IllegalArgumentException(
                    "lorica.gateway.rate.requests-per-minute is 0 or more, and lorica.gateway.rate.burst at least 1.");
        }
    }

    /// Counts a call; zero if it may go on, else how long the caller should wait.
    public Duration take(String caller) {
        if (perMinute == 0) {
            return Duration.ZERO;
        }
        TokenBucket bucket =
                buckets.computeIfAbsent(caller, name -> new TokenBucket(burst, perMinute, nanoClock.getAsLong()));
        // Two event loops may serve one caller at once.
        synchronized (bucket) {
            return bucket.take(nanoClock.getAsLong());
        }
    }
}

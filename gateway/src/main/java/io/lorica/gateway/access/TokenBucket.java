package io.lorica.gateway.access;

import java.time.Duration;

/// A store of permits that refills evenly up to its capacity. Not thread-safe: {@link RateLimit} guards it.
final class TokenBucket {

    private static final double NANOS_PER_MINUTE = 60e9;

    private final double capacity;
    private final double perNano;
    private double permits;
    private long filledAt;

    TokenBucket(int capacity, int perMinute, long now) {
        this.capacity = capacity;
        this.perNano = perMinute / NANOS_PER_MINUTE;
        this.permits = capacity;
        this.filledAt = now;
    }

    /// Takes a permit, or says how long to wait for the next; zero is taken.
    Duration take(long now) {
        permits = Math.min(capacity, permits + (now - filledAt) * perNano);
        filledAt = now;
        if (permits >= 1) {
            permits -= 1;
            return Duration.ZERO;
        }
        return Duration.ofNanos((long) Math.ceil((1 - permits) / perNano));
    }
}

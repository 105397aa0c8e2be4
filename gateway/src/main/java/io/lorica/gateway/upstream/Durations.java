package io.lorica.gateway.upstream;

import java.time.Duration;

/// Durations in words.
public final class Durations {

    private Durations() {}

    /// A duration in whole seconds, rounded up: `1 second`, `2 seconds`.
    public static String words(Duration duration) {
        long seconds = seconds(duration);
        return seconds == 1 ? "1 second" : seconds + " seconds";
    }

    /// A duration in whole seconds, rounded up.
    public static long seconds(Duration duration) {
        return duration.plusSeconds(1).minusNanos(1).toSeconds();
    }
}

package io.lorica.models;

import java.time.Duration;

/// How long a hub is waited for.
///
/// @param tries how often a request is sent before it counts as failed
/// @param firstPause pause after the first failure; each later one is twice as long
/// @param longestPause the longest of these pauses
/// @param longestWait the longest time that a hub may ask for with `Retry-After`
/// @param silence after how much time without a byte a connection counts as broken
/// @param total after how much time no further try begins, and the last one ends
record Patience(
        int tries, Duration firstPause, Duration longestPause, Duration longestWait, Duration silence, Duration total) {

    private static final int BRIEF_TRIES = 3;
    private static final Duration BRIEF_PAUSE = Duration.ofMillis(250);
    private static final Duration BRIEF_TOTAL = Duration.ofSeconds(10);

    /// What suits a network of people: about a minute of trouble is sat out, and any limit that the hub names.
    static Patience usual() {
        return new Patience(
                6,
                Duration.ofMillis(500),
                Duration.ofSeconds(30),
                Duration.ofMinutes(6),
                Duration.ofMinutes(1),
                Duration.ofDays(1));
    }

    /// For small questions that a caller waits for: a hub that cannot be reached, or says nothing, is given up
    /// within seconds.
    Patience brief() {
        return new Patience(
                Math.min(tries, BRIEF_TRIES),
                shorter(firstPause, BRIEF_PAUSE),
                longestPause,
                longestWait,
                silence,
                shorter(total, BRIEF_TOTAL));
    }

    /// The pause before try `attempt + 1`.
    Duration pause(int attempt) {
        Duration doubled = firstPause.multipliedBy(1L << Math.min(attempt - 1, 20));
        return shorter(doubled, longestPause);
    }

    /// A wait that the hub asked for, within reason.
    Duration wait(Duration asked) {
        return shorter(asked, longestWait);
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }
}

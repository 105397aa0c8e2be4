package io.lorica.models;

import java.time.Duration;

/// How long a hub is waited for.
///
/// @param tries how often a request is sent before it counts as failed
/// @param firstPause pause after the first failure; each later one is twice as long
/// @param longestPause the longest of these pauses
/// @param longestWait the longest time that a hub may ask for with `Retry-After`
/// @param silence after how much time without a byte a connection counts as broken
record Patience(int tries, Duration firstPause, Duration longestPause, Duration longestWait, Duration silence) {

    /// What suits a network of people: about a minute of trouble is sat out, and any limit that the hub names.
    static Patience usual() {
        return new Patience(
                6, Duration.ofMillis(500), Duration.ofSeconds(30), Duration.ofMinutes(6), Duration.ofMinutes(1));
    }

    /// Without a second try, where there is something to fall back on.
    Patience once() {
        return new Patience(1, firstPause, longestPause, longestWait, silence);
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

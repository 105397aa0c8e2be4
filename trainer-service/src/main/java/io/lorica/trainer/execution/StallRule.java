package io.lorica.trainer.execution;

import java.time.Duration;
import java.util.Optional;

/// When a run counts as stuck: when it has not got on for the stall limit; once it was asked to stop, when it has not
/// let go of its thread within a shorter time, or within twice its longest silence where that is known to be longer.
///
/// @param stallLimit how long a run may stand still
/// @param releaseWithin how long one that must stop may
record StallRule(Duration stallLimit, Duration releaseWithin) {

    /// What keeps the thread, in a sentence; empty while all is well.
    Optional<String> stuck(RunSignals signals) {
        Activity activity = signals.activity();
        Duration silent = activity.silent();
        Optional<RunSignals.StopReason> reason = signals.stopReason();
        if (reason.filter(RunSignals.StopReason.SHUTDOWN::equals).isPresent()) {
            // The process ends in any case, after the time that it has for that.
            return Optional.empty();
        }
        if (reason.isPresent()) {
            Duration twice = activity.longestSilence().multipliedBy(2);
            Duration limit = twice.compareTo(releaseWithin) > 0 ? twice : releaseWithin;
            return sinceStop(signals).compareTo(limit) > 0 && silent.compareTo(limit) > 0
                    ? Optional.of(sentence(activity, silent, "after it was to stop", "release-within", limit))
                    : Optional.empty();
        }
        return silent.compareTo(stallLimit) > 0
                ? Optional.of(sentence(activity, silent, "", "stall-limit", stallLimit))
                : Optional.empty();
    }

    private static Duration sinceStop(RunSignals signals) {
        return signals.stoppedAt()
                .map(at -> Duration.ofNanos(System.nanoTime() - at))
                .orElse(Duration.ZERO);
    }

    private static String sentence(Activity activity, Duration silent, String when, String key, Duration limit) {
        return "The run made no progress for " + silent.toSeconds() + " s" + (when.isEmpty() ? "" : " " + when)
                + " while it was at: " + activity.doing() + ". lorica.trainer." + key + " allows "
                + limit.toSeconds() + " s.";
    }
}

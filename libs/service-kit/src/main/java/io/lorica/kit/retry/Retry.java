package io.lorica.kit.retry;

import java.time.Duration;
import java.util.function.Supplier;

import io.lorica.contracts.error.ProductException;

/// Tries again, with pauses that double, what failed for a reason that passes (`ErrorCode.passing`). Safe for many
/// threads.
///
/// @param firstPause the pause after the first failure
/// @param longestPause the longest pause
public record Retry(Duration firstPause, Duration longestPause) {

    /// Hears of a wait, and can end it.
    public interface Wait {

        /// A try failed and another one will follow after the pause.
        ///
        /// @return whether to wait; otherwise the failure is thrown
        boolean begins(ProductException failure, Duration pause);

        /// Waits for the length of a pause, or less.
        default void pause(Duration length) throws InterruptedException {
            Thread.sleep(length);
        }

        /// A try succeeded, or failed for good, after at least one wait.
        default void over() {}
    }

    public Retry {
        if (firstPause.isNegative() || firstPause.isZero() || longestPause.compareTo(firstPause) < 0) {
            throw new IllegalArgumentException(
                    "pauses must be positive and grow, not from " + firstPause + " to " + longestPause);
        }
    }

    /// The result of the first try that succeeds.
    ///
    /// @throws ProductException when the failure does not pass by itself, or the wait is ended
    /// @throws InterruptedException when the thread is interrupted in a pause
    public <T> T call(Wait wait, Supplier<T> action) throws InterruptedException {
        Duration pause = firstPause;
        boolean waited = false;
        while (true) {
            try {
                T result = action.get();
                if (waited) {
                    wait.over();
                }
                return result;
            } catch (ProductException e) {
                if (!e.code().passing() || !wait.begins(e, pause)) {
                    throw e;
                }
            }
            waited = true;
            wait.pause(pause);
            pause = after(pause);
        }
    }

    /// The pause that follows one.
    public Duration after(Duration pause) {
        Duration doubled = pause.multipliedBy(2);
        return doubled.compareTo(longestPause) < 0 ? doubled : longestPause;
    }
}

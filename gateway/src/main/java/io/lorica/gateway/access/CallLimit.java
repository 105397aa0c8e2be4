package io.lorica.gateway.access;

import java.util.concurrent.ConcurrentHashMap;

/// A bound on how many calls one caller may have open at once. Thread-safe.
public final class CallLimit {

    private final int max;
    private final ConcurrentHashMap<String, Integer> open = new ConcurrentHashMap<>();

    /// A limit of at least one call.
    public CallLimit(int max) {
        if (max < 1) {
            throw new IllegalArgumentException(
                    "lorica.gateway.calls-per-key and lorica.gateway.transfers-per-key are at least 1.");
        }
        this.max = max;
    }

    /// Counts a call that begins; `false`, and nothing is counted, where the caller has as many open as allowed.
    public boolean enter(String caller) {
        boolean[] entered = {false};
        open.compute(caller, (name, count) -> {
            int now = count == null ? 0 : count;
            entered[0] = now < max;
            return entered[0] ? Integer.valueOf(now + 1) : count;
        });
        return entered[0];
    }

    /// Counts a call that has ended.
    public void leave(String caller) {
        open.computeIfPresent(caller, (name, count) -> count == 1 ? null : count - 1);
    }

    /// How many calls one caller may have open.
    public int max() {
        return max;
    }
}

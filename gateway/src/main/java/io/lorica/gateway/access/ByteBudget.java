package io.lorica.gateway.access;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/// A bound on the bytes of bodies that are kept in memory, in all and for each caller. Thread-safe.
public final class ByteBudget {

    private final long total;
    private final long perCaller;
    private final AtomicLong taken = new AtomicLong();
    private final ConcurrentHashMap<String, Long> takenBy = new ConcurrentHashMap<>();

    /// A budget of so many bytes.
    public ByteBudget(long total, long perCaller) {
        this.total = total;
        this.perCaller = perCaller;
    }

    /// Takes bytes; `false`, and nothing is taken, where there are not so many left.
    public boolean take(String caller, long bytes) {
        if (taken.addAndGet(bytes) > total) {
            taken.addAndGet(-bytes);
            return false;
        }
        if (takenBy.merge(caller, bytes, Long::sum) > perCaller) {
            give(caller, bytes);
            return false;
        }
        return true;
    }

    /// Gives bytes back.
    public void give(String caller, long bytes) {
        taken.addAndGet(-bytes);
        takenBy.computeIfPresent(caller, (name, count) -> count == bytes ? null : Long.valueOf(count - bytes));
    }

    /// How many bytes are taken.
    public long taken() {
        return taken.get();
    }
}

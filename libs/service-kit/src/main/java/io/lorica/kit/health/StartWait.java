package io.lorica.kit.health;

import java.lang.management.ManagementFactory;
import java.time.Duration;

/// Whether a service still waits for something that it needs: until it has been there once, or for some time. Safe for
/// many threads.
public final class StartWait {

    private final long end;
    private volatile boolean over;

    /// @param patience how long to wait, from the start of the process on
    public StartWait(Duration patience) {
        this(patience, Duration.ofMillis(ManagementFactory.getRuntimeMXBean().getUptime()));
    }

    // Beans are made when they are first asked, which may be long after the start.
    StartWait(Duration patience, Duration age) {
        this.end = System.nanoTime() + patience.minus(age).toNanos();
    }

    /// Notes whether it is there now.
    ///
    /// @return whether the service needs to wait no longer
    public boolean over(boolean there) {
        if (there || System.nanoTime() - end >= 0) {
            over = true;
        }
        return over;
    }
}

package io.lorica.kit.health;

import java.time.Duration;

/// Whether a service still waits for something that it needs: until it has been there once, or for some time. Safe for
/// many threads.
public final class StartWait {

    private final long end;
    private volatile boolean over;

    /// @param patience how long to wait, from now on
    public StartWait(Duration patience) {
        this.end = System.nanoTime() + patience.toNanos();
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

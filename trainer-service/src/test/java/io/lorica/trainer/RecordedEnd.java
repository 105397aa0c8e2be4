package io.lorica.trainer;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import io.lorica.trainer.execution.ProcessEnd;
import jakarta.inject.Singleton;

/// The end of a process that is written down instead, so that a test can see it.
@Singleton
public class RecordedEnd implements ProcessEnd {

    private final List<String> reasons = new CopyOnWriteArrayList<>();

    @Override
    public void now(String reason) {
        reasons.add(reason);
    }

    /// Why the process was to end, each time.
    List<String> reasons() {
        return reasons;
    }
}

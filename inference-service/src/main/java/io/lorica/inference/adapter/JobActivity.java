package io.lorica.inference.adapter;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import io.lorica.contracts.id.AdapterId;
import io.lorica.contracts.id.JobId;
import jakarta.inject.Singleton;

/// Jobs that have not ended, by the adapters that they train. Safe for many threads.
@Singleton
public final class JobActivity {

    private final Map<JobId, AdapterId> adapters = new ConcurrentHashMap<>();
    private final Set<AdapterId> underWay = ConcurrentHashMap.newKeySet();

    /// Takes the news that a job was submitted.
    public void submitted(JobId job, AdapterId adapter) {
        adapters.put(job, adapter);
        underWay.add(adapter);
    }

    /// Takes the news that a trainer works on a job, be it the first or one that takes it up again.
    public void started(JobId job) {
        AdapterId adapter = adapters.get(job);
        if (adapter != null) {
            underWay.add(adapter);
        }
    }

    /// Takes the news that a job has ended, in whatever way.
    public void ended(JobId job) {
        AdapterId adapter = adapters.get(job);
        if (adapter != null) {
            underWay.remove(adapter);
        }
    }

    /// Tells whether the job of an adapter has not ended.
    boolean underWay(AdapterId adapter) {
        return underWay.contains(adapter);
    }
}

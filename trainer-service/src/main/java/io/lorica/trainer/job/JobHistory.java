package io.lorica.trainer.job;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

import io.lorica.contracts.event.DomainEvent;
import io.lorica.contracts.event.EventEnvelope;
import io.lorica.contracts.id.JobId;
import io.lorica.contracts.job.StepMetrics;
import jakarta.inject.Singleton;

/// Everything that happened to each job, in order. Filled from the journal; safe for many threads.
@Singleton
public final class JobHistory {

    private final Map<JobId, SequencedMap<String, EventEnvelope<?>>> events = new ConcurrentHashMap<>();

    /// Takes an event; one that is already known is dropped.
    public void apply(JobId job, EventEnvelope<?> event) {
        SequencedMap<String, EventEnvelope<?>> known = events.computeIfAbsent(job, _ -> new LinkedHashMap<>());
        synchronized (known) {
            known.putIfAbsent(event.id(), event);
        }
    }

    /// The job's events, the oldest first.
    public List<EventEnvelope<?>> of(JobId job) {
        SequencedMap<String, EventEnvelope<?>> known = events.get(job);
        if (known == null) {
            return List.of();
        }
        synchronized (known) {
            return new ArrayList<>(known.sequencedValues());
        }
    }

    /// The job's checkpoints by step; a step that was reached twice appears once.
    public SequencedMap<Integer, EventEnvelope<?>> checkpoints(JobId job) {
        TreeMap<Integer, EventEnvelope<?>> found = new TreeMap<>();
        for (EventEnvelope<?> event : of(job)) {
            if (event.data() instanceof DomainEvent.CheckpointSaved saved) {
                found.putIfAbsent(saved.step(), event);
            }
        }
        return found;
    }

    /// What the job's steps measured, by step; of a step that was done twice, the later measurement.
    public SequencedMap<Integer, StepMetrics> metrics(JobId job) {
        TreeMap<Integer, StepMetrics> found = new TreeMap<>();
        for (EventEnvelope<?> event : of(job)) {
            if (event.data() instanceof DomainEvent.JobProgressed progressed) {
                found.put(progressed.metrics().step(), progressed.metrics());
            }
        }
        return found;
    }
}

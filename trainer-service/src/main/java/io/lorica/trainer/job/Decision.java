package io.lorica.trainer.job;

import java.util.List;

import io.lorica.contracts.event.DomainEvent;

/// What is to become true: the job as it will be and the facts that tell of it. Both are appended together or
/// not at all.
///
/// @param job the job as it will be
/// @param events the facts
/// @param queue whether the job is to be put on the training queue
public record Decision(Job job, List<DomainEvent> events, boolean queue) {

    public Decision {
        events = List.copyOf(events);
    }

    static Decision of(Job job, DomainEvent... events) {
        return new Decision(job, List.of(events), false);
    }

    static Decision queued(Job job) {
        return new Decision(job, List.of(), true);
    }
}

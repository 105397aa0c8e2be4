package io.lorica.trainer.execution;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import io.lorica.contracts.event.DomainEvent;
import io.lorica.contracts.event.EventEnvelope;
import io.lorica.trainer.job.Job;

/// How many attempts in a row a job has lost without a new checkpoint. One that got on, however short, does not count:
/// brokers restart and machines are drained in the course of a long job. Nor does one that ended by a fault of the
/// machine, or before the job was resumed.
///
/// @param services tells of checkpoints and of what happened
record LostAttempts(TrainingServices services, Job job) {

    /// Those before an attempt.
    int before(int number) {
        int progressed = services.checkpoints().newestAttempt(job.adapter());
        return count(
                Math.max(progressed, job.resumption().afterAttempt()),
                number,
                services.history().of(job.id()));
    }

    static int count(int last, int number, List<EventEnvelope<?>> history) {
        Set<Integer> excused = history.stream()
                .map(EventEnvelope::data)
                .filter(data -> data instanceof DomainEvent.JobInterrupted interrupted && !interrupted.counts())
                .map(data -> ((DomainEvent.JobInterrupted) data).attempt())
                .collect(Collectors.toSet());
        return (int) IntStream.range(last + 1, number)
                .filter(attempt -> !excused.contains(attempt))
                .count();
    }
}

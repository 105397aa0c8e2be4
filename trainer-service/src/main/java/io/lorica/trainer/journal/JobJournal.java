package io.lorica.trainer.journal;

import java.util.ArrayList;
import java.util.List;

import io.lorica.contracts.event.DomainEvent;
import io.lorica.contracts.event.Topic;
import io.lorica.contracts.id.JobId;
import io.lorica.kit.event.EventCodec;
import io.lorica.kit.event.EventLog;
import io.lorica.kit.event.LogRecord;
import io.lorica.trainer.job.Decision;
import io.lorica.trainer.job.Job;
import io.lorica.trainer.job.JobCatalog;
import jakarta.inject.Singleton;

/// Makes decisions true: the job's new state, the facts that tell of it and its place in the queue go to Kafka
/// in one transaction, and then into this process's catalog.
@Singleton
public final class JobJournal {

    private final EventLog log;
    private final JobCatalog catalog;

    JobJournal(EventLog log, JobCatalog catalog) {
        this.log = log;
        this.catalog = catalog;
    }

    /// Appends a decision.
    ///
    /// @throws io.lorica.contracts.error.ProductException with `BROKER_UNAVAILABLE`; then nothing has changed
    public void append(Decision decision) {
        String key = decision.job().id().value();
        List<LogRecord> records = new ArrayList<>();
        records.add(LogRecord.of(Topic.JOBS, key, EventCodec.bytes(decision.job())));
        decision.events().forEach(event -> records.add(log.record(event)));
        if (decision.queue()) {
            records.add(queueEntry(decision.job().id()));
        }
        log.append(records);
        catalog.apply(decision.job());
    }

    /// A fact as a record, with the id that it keeps however often it is sent.
    public LogRecord record(DomainEvent event) {
        return log.record(event);
    }

    /// Appends facts that do not change the job's state.
    public void publish(List<LogRecord> facts) {
        log.append(List.copyOf(facts));
    }

    /// Puts a job on the queue once more.
    public void queueAgain(JobId job) {
        log.append(List.of(queueEntry(job)));
    }

    /// Notes for all trainers that a user asked to stop the job.
    public void requestStop(Job job) {
        StopRequest request = new StopRequest(job.resumption().count());
        log.append(List.of(LogRecord.of(Topic.JOB_CONTROL, job.id().value(), EventCodec.bytes(request))));
        catalog.requestStop(job.id(), request.resumptions());
    }

    private static LogRecord queueEntry(JobId job) {
        return LogRecord.of(Topic.TRAINING_QUEUE, job.value(), EventCodec.bytes(job));
    }
}

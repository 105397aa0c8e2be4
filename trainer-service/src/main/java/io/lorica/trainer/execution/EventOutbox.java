package io.lorica.trainer.execution;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import io.lorica.contracts.error.ErrorKind;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.event.DomainEvent;
import io.lorica.kit.event.LogRecord;
import io.lorica.trainer.journal.JobJournal;
import org.jboss.logging.Logger;

/// Events of a run on their way to Kafka, in order. While the broker is away they wait here and the training
/// goes on. An event keeps its id over all tries, so that readers drop what arrives twice. Owned by the
/// training thread.
final class EventOutbox {

    private static final Logger LOG = Logger.getLogger(EventOutbox.class);
    private static final long RETRY_AFTER_NANOS = Duration.ofSeconds(15).toNanos();

    private final JobJournal journal;
    private final List<LogRecord> waiting = new ArrayList<>();
    private boolean brokerAway;
    private long lastTry;

    EventOutbox(JobJournal journal) {
        this.journal = journal;
    }

    /// Sends an event now, or later where the broker is away.
    void send(DomainEvent event) {
        waiting.add(journal.record(event));
        if (brokerAway && System.nanoTime() - lastTry < RETRY_AFTER_NANOS) {
            return;
        }
        try {
            flush();
        } catch (ProductException e) {
            if (e.code().kind() != ErrorKind.UNAVAILABLE) {
                throw e;
            }
            brokerAway = true;
            lastTry = System.nanoTime();
            LOG.warnf("events wait for the broker count=%d: %s", waiting.size(), e.detail());
        }
    }

    /// Sends what waits.
    void flush() {
        if (!waiting.isEmpty()) {
            journal.publish(waiting);
            waiting.clear();
            brokerAway = false;
        }
    }
}

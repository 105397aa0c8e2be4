package io.lorica.trainer.messaging;

import java.time.Clock;
import java.util.Optional;

import io.lorica.contracts.event.DomainEvent;
import io.lorica.contracts.event.EventEnvelope;
import io.lorica.contracts.id.JobId;
import io.lorica.kit.event.EventCodec;
import io.lorica.trainer.job.Decision;
import io.lorica.trainer.job.Job;
import io.lorica.trainer.job.JobCatalog;
import io.lorica.trainer.journal.JobJournal;
import io.lorica.trainer.journal.JournalReader;
import io.smallrye.common.annotation.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.jboss.logging.Logger;

/// Moves a job on when its files have been read: to the queue, or to its end.
@ApplicationScoped
public class DatasetListener {

    private static final Logger LOG = Logger.getLogger(DatasetListener.class);

    private final JobCatalog catalog;
    private final JournalReader reader;
    private final JobJournal journal;
    private final Clock clock = Clock.systemUTC();

    DatasetListener(JobCatalog catalog, JournalReader reader, JobJournal journal) {
        this.catalog = catalog;
        this.reader = reader;
        this.journal = journal;
    }

    /// Takes one answer of the dataset service. It returns only when the answer has taken effect, so that none
    /// is lost.
    @Incoming("datasets")
    @Blocking
    public void answer(byte[] record) throws InterruptedException {
        Optional<EventEnvelope<?>> event = read(record);
        if (event.isPresent()) {
            Unavailability.outlast(
                    "answer about a dataset", () -> decide(event.get().data()).ifPresent(journal::append));
        }
    }

    private Optional<Decision> decide(DomainEvent event) {
        return switch (event) {
            case DomainEvent.DatasetPublished published ->
                job(published.requestedBy()).flatMap(job -> job.filesValidated(published));
            case DomainEvent.DatasetRejected rejected ->
                job(rejected.requestedBy()).flatMap(job -> job.filesRejected(rejected, clock.instant()));
            case DomainEvent.JobEvent _, DomainEvent.AdapterPublished _, DomainEvent.AdapterRetired _ ->
                Optional.empty();
        };
    }

    // Another trainer may have taken the submission, so this one's view can be behind.
    private Optional<Job> job(JobId id) {
        Optional<Job> known = catalog.find(id);
        if (known.isPresent()) {
            return known;
        }
        reader.awaitNow(Unavailability.VIEW_PATIENCE);
        return catalog.find(id);
    }

    private static Optional<EventEnvelope<?>> read(byte[] record) {
        try {
            return EventCodec.decode(record);
        } catch (IllegalArgumentException e) {
            LOG.error("record on the dataset topic skipped", e);
            return Optional.empty();
        }
    }
}

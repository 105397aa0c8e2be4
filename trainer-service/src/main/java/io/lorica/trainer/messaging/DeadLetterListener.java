package io.lorica.trainer.messaging;

import java.util.Optional;

import io.lorica.contracts.id.JobId;
import io.lorica.trainer.job.Job;
import io.lorica.trainer.job.JobCatalog;
import io.lorica.trainer.journal.JobJournal;
import io.lorica.trainer.journal.JournalReader;
import io.smallrye.common.annotation.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.jboss.logging.Logger;

/// Brings back what the broker has taken out of the queue because it was handed out too often. Drained machines
/// and lost connections count there, too; whether a job has really failed too often is decided by the attempt
/// that claims it.
@ApplicationScoped
public class DeadLetterListener {

    private static final Logger LOG = Logger.getLogger(DeadLetterListener.class);

    private final JobCatalog catalog;
    private final JobJournal journal;
    private final JournalReader reader;

    DeadLetterListener(JobCatalog catalog, JobJournal journal, JournalReader reader) {
        this.catalog = catalog;
        this.journal = journal;
        this.reader = reader;
    }

    /// Takes one entry. It returns only when the job is in the queue again or needs no place there.
    @Incoming("dead-letters")
    @Blocking
    public void entry(ConsumerRecord<String, byte[]> entry) throws InterruptedException {
        if (!JobId.matches(String.valueOf(entry.key()))) {
            LOG.errorf("dead letter dropped offset=%d: its key is no job id", entry.offset());
            return;
        }
        JobId id = new JobId(entry.key());
        Unavailability.outlast("a job that fell out of the queue", () -> queueAgain(id));
    }

    private void queueAgain(JobId id) {
        reader.awaitNow(Unavailability.VIEW_PATIENCE);
        Optional<Job> job = catalog.find(id).filter(found -> !found.state().finished());
        if (job.isPresent()) {
            journal.queueAgain(id);
            LOG.warnf("job put into the queue again jobId=%s", id);
        }
    }
}

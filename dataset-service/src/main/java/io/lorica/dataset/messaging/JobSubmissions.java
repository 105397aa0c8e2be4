package io.lorica.dataset.messaging;

import java.time.Clock;
import java.util.Optional;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.event.DomainEvent;
import io.lorica.contracts.event.DomainEvent.DatasetRejected;
import io.lorica.contracts.event.DomainEvent.JobSubmitted;
import io.lorica.contracts.event.DomainEvent.PreparationProgressed;
import io.lorica.contracts.event.EventEnvelope;
import io.lorica.contracts.event.EventType;
import io.lorica.contracts.job.PreparationStage;
import io.lorica.dataset.catalog.DatasetPreparation;
import io.lorica.dataset.config.DatasetConfig;
import io.lorica.kit.event.EventCodec;
import io.lorica.kit.event.EventLog;
import io.lorica.kit.event.PreparationEvents;
import io.lorica.kit.retry.Retry;
import io.smallrye.reactive.messaging.annotations.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.jboss.logging.Logger;

/// Reads what happens to jobs and answers each submission on the topic of datasets. A record counts as read only when
/// its answer is with the broker: after a crash it is answered again, with the same answer.
@ApplicationScoped
class JobSubmissions {

    private static final Logger LOG = Logger.getLogger(JobSubmissions.class);

    private final DatasetPreparation preparation;
    private final EventLog log;
    private final Retry retry;

    JobSubmissions(DatasetPreparation preparation, EventLog log, DatasetConfig config) {
        this.preparation = preparation;
        this.log = log;
        this.retry = new Retry(config.retry().firstPause(), config.retry().longestPause());
    }

    // Unordered: jobs do not depend on each other, and a long file must not hold up a short one.
    @Incoming("job-events")
    @Blocking(value = "ingest", ordered = false)
    void receive(ConsumerRecord<String, byte[]> entry) throws InterruptedException {
        Optional<JobSubmitted> submitted = submission(entry);
        if (submitted.isPresent()) {
            answer(submitted.get());
        }
    }

    private static Optional<JobSubmitted> submission(ConsumerRecord<String, byte[]> entry) {
        if (entry.value() == null) {
            return Optional.empty();
        }
        try {
            return EventCodec.decode(entry.value())
                    .map(EventEnvelope::data)
                    .filter(JobSubmitted.class::isInstance)
                    .map(JobSubmitted.class::cast);
        } catch (IllegalArgumentException e) {
            LOG.warnf(
                    "record skipped, it is not an event topic=%s partition=%d offset=%d",
                    entry.topic(), entry.partition(), entry.offset());
            LOG.debug("cause", e);
            return Optional.empty();
        }
    }

    private void answer(JobSubmitted job) throws InterruptedException {
        DomainEvent answer = retry.call(delay(job, "preparing the files"), () -> answerOrFailure(job));
        retry.call(delay(job, "telling that the files are prepared"), () -> {
            log.publish(answer);
            return answer;
        });
        LOG.infof(
                "submission answered jobId=%s answer=%s",
                job.job(), EventType.of(answer).wireName());
    }

    private JobDelay delay(JobSubmitted job, String doing) {
        return new JobDelay(job.job(), doing, log::publish, Clock.systemUTC());
    }

    // A fault of ours must end in an answer too: a job that waits for ever is worse than one that fails.
    private DomainEvent answerOrFailure(JobSubmitted job) {
        try {
            PreparationEvents progress = new PreparationEvents(
                    (stage, done, total) -> tell(new PreparationProgressed(job.job(), 0, stage, done, total)),
                    System::nanoTime);
            return preparation.answer(
                    job, (done, total) -> progress.progressed(PreparationStage.FORMATTING, done, total));
        } catch (ProductException e) {
            throw e;
        } catch (RuntimeException e) {
            LOG.errorf(e, "dataset not prepared jobId=%s", job.job());
            return new DatasetRejected(
                    job.spec().trainingFile(),
                    job.job(),
                    ErrorCode.INTERNAL_ERROR,
                    "The dataset could not be prepared; the log of dataset-service has the details under this job's id.",
                    null);
        }
    }

    // Progress is worth no wait.
    private void tell(PreparationProgressed progress) {
        try {
            log.publish(progress);
        } catch (ProductException e) {
            LOG.debugf("progress not told jobId=%s: %s", progress.job(), e.detail());
        }
    }
}

package io.lorica.trainer.journal;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.event.EventEnvelope;
import io.lorica.contracts.event.Topic;
import io.lorica.contracts.id.JobId;
import io.lorica.kit.event.BrokerConfig;
import io.lorica.kit.event.EventCodec;
import io.lorica.kit.event.TopicReader;
import io.lorica.kit.event.Topics;
import io.lorica.trainer.job.Job;
import io.lorica.trainer.job.JobCatalog;
import io.lorica.trainer.job.JobHistory;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jboss.logging.Logger;

/// Rebuilds the catalog and the history of jobs from Kafka when the service starts, and keeps them up to date.
@Singleton
public final class JournalReader {

    private static final Logger LOG = Logger.getLogger(JournalReader.class);

    private final BrokerConfig broker;
    private final Topics topics;
    private final JobCatalog catalog;
    private final JobHistory history;
    private volatile List<TopicReader> readers = List.of();

    JournalReader(BrokerConfig broker, Topics topics, JobCatalog catalog, JobHistory history) {
        this.broker = broker;
        this.topics = topics;
        this.catalog = catalog;
        this.history = history;
    }

    void start(@Observes StartupEvent event) {
        readers = List.of(
                TopicReader.start(Topic.JOB_CONTROL, topics, broker, guarded(this::control)),
                TopicReader.start(Topic.JOBS, topics, broker, guarded(this::job)),
                TopicReader.start(Topic.JOB_EVENTS, topics, broker, guarded(this::event)));
    }

    void stop(@Observes ShutdownEvent event) {
        readers.forEach(TopicReader::close);
    }

    /// Whether everything that was in Kafka when the service started is known.
    public boolean caughtUp() {
        List<TopicReader> current = readers;
        return !current.isEmpty() && current.stream().allMatch(TopicReader::caughtUp);
    }

    /// Refuses to answer from a view that is not complete: a job that has not been read yet is not a job that does not
    /// exist.
    ///
    /// @throws ProductException with `BROKER_UNAVAILABLE` until everything that was in Kafka at the start is known
    public void requireCaughtUp() {
        if (!caughtUp()) {
            throw behind();
        }
    }

    /// The failure that tells that not every job is known.
    public ProductException behind() {
        return ProductException.of(
                ErrorCode.BROKER_UNAVAILABLE,
                "The jobs have not all been read from the Kafka broker at " + broker.servers()
                        + ". Try again in a moment; GET /q/health/ready of the trainer-service says what it waits for.");
    }

    /// Waits until everything that is in Kafka now is known; false when the time is over first.
    public boolean awaitNow(Duration patience) {
        return readers.stream().allMatch(reader -> reader.awaitNow(patience));
    }

    private void control(ConsumerRecord<String, byte[]> entry) {
        try {
            StopRequest request = EventCodec.json().readValue(entry.value(), StopRequest.class);
            catalog.requestStop(new JobId(entry.key()), request.resumptions());
        } catch (IOException e) {
            throw new IllegalArgumentException("the record is not a request to stop", e);
        }
    }

    private void job(ConsumerRecord<String, byte[]> entry) {
        try {
            catalog.apply(EventCodec.json().readValue(entry.value(), Job.class));
        } catch (IOException e) {
            throw new IllegalArgumentException("the record is not a job", e);
        }
    }

    private void event(ConsumerRecord<String, byte[]> entry) {
        EventCodec.decode(entry.value())
                .ifPresent((EventEnvelope<?> event) -> history.apply(new JobId(entry.key()), event));
    }

    // A record that cannot be read must not hide the ones behind it.
    private static Consumer<ConsumerRecord<String, byte[]>> guarded(Consumer<ConsumerRecord<String, byte[]>> handler) {
        return entry -> {
            try {
                handler.accept(entry);
            } catch (RuntimeException e) {
                LOG.errorf(
                        e,
                        "record skipped topic=%s partition=%d offset=%d",
                        entry.topic(),
                        entry.partition(),
                        entry.offset());
            }
        };
    }
}

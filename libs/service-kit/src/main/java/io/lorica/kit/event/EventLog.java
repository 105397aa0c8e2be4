package io.lorica.kit.event;

import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.event.DomainEvent;
import io.lorica.contracts.event.EventEnvelope;
import io.lorica.contracts.event.EventType;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Appends records to Kafka, all of a call or none, and returns when the broker has them. A job's new state and
/// the event that tells of it go into one call, so that nobody sees the one without the other.
///
/// Safe for many threads; one lock orders the transactions of this process, because a transactional producer
/// has room for one at a time.
@Singleton
public class EventLog {

    private static final Logger LOG = Logger.getLogger(EventLog.class);
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final BrokerConfig broker;
    private final Topics topics;
    private final Clock clock;
    private final String source;
    private final ReentrantLock transaction = new ReentrantLock();
    private @Nullable KafkaProducer<String, byte[]> producer;

    EventLog(
            BrokerConfig broker, Topics topics, @ConfigProperty(name = "quarkus.application.name") String application) {
        this.broker = broker;
        this.topics = topics;
        this.clock = Clock.systemUTC();
        this.source = "/lorica/" + application.replaceFirst("^lorica-", "");
    }

    /// An event as a record for its topic.
    public LogRecord record(DomainEvent event) {
        EventEnvelope<DomainEvent> envelope = EventEnvelope.of(event, source, clock.instant());
        return LogRecord.of(EventType.of(event).topic(), event.subject(), EventCodec.encode(envelope));
    }

    /// Appends one event.
    ///
    /// @throws ProductException with `BROKER_UNAVAILABLE` when the broker does not take it within ten seconds
    public void publish(DomainEvent event) {
        append(List.of(record(event)));
    }

    /// Appends all records or none.
    ///
    /// @throws ProductException with `BROKER_UNAVAILABLE` when the broker does not take them within ten seconds
    public void append(List<LogRecord> records) {
        transaction.lock();
        try {
            commit(records);
        } catch (KafkaException | IllegalStateException e) {
            discardProducer();
            throw ProductException.of(
                    ErrorCode.BROKER_UNAVAILABLE,
                    "The Kafka broker at " + broker.servers() + " did not take the event. Nothing was changed;"
                            + " try again when the broker is back.",
                    e);
        } finally {
            transaction.unlock();
        }
    }

    private void commit(List<LogRecord> records) {
        KafkaProducer<String, byte[]> current = producer == null ? producer = open() : producer;
        current.beginTransaction();
        for (LogRecord entry : records) {
            var unused = current.send(new ProducerRecord<>(topics.name(entry.topic()), entry.key(), entry.value()));
        }
        current.commitTransaction();
    }

    // After a failed transaction the state of a producer is in doubt; closing it without delay makes the broker abort
    // what is open, and the next call begins afresh.
    private void discardProducer() {
        KafkaProducer<String, byte[]> failed = producer;
        producer = null;
        if (failed != null) {
            try {
                failed.close(Duration.ZERO);
            } catch (KafkaException e) {
                LOG.debug("closing a failed producer", e);
            }
        }
    }

    private KafkaProducer<String, byte[]> open() {
        KafkaProducer<String, byte[]> opened = new KafkaProducer<>(
                Map.ofEntries(
                        Map.entry(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, broker.servers()),
                        Map.entry(ProducerConfig.RECONNECT_BACKOFF_MS_CONFIG, BrokerConfig.RECONNECT_MS),
                        Map.entry(ProducerConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, BrokerConfig.RECONNECT_MAX_MS),
                        Map.entry(ProducerConfig.TRANSACTIONAL_ID_CONFIG, "lorica-" + UUID.randomUUID()),
                        Map.entry(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, (int) PATIENCE.toMillis()),
                        Map.entry(ProducerConfig.MAX_BLOCK_MS_CONFIG, PATIENCE.toMillis()),
                        Map.entry(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 5_000),
                        Map.entry(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, (int) PATIENCE.toMillis()),
                        Map.entry(ProducerConfig.COMPRESSION_TYPE_CONFIG, "gzip"),
                        Map.entry(ProducerConfig.LINGER_MS_CONFIG, 0)),
                new StringSerializer(),
                new ByteArraySerializer());
        try {
            opened.initTransactions();
            return opened;
        } catch (KafkaException e) {
            opened.close(Duration.ZERO);
            throw e;
        }
    }

    @PreDestroy
    void close() {
        transaction.lock();
        try {
            if (producer != null) {
                producer.close(PATIENCE);
                producer = null;
            }
        } finally {
            transaction.unlock();
        }
    }
}

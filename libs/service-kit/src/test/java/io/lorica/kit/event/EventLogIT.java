package io.lorica.kit.event;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CopyOnWriteArrayList;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.event.DomainEvent;
import io.lorica.contracts.event.EventEnvelope;
import io.lorica.contracts.event.Topic;
import io.lorica.contracts.id.JobId;
import io.lorica.testkit.LoricaPlatform;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

class EventLogIT {

    private static final LoricaPlatform PLATFORM = new LoricaPlatform();
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final TopicsConfig TOPICS = new TestTopics("event-log-it-" + System.nanoTime() + ".");
    private static BrokerConfig broker = () -> "unset";
    private static Topics topics = new Topics(TOPICS);

    @BeforeAll
    static void startPlatform() throws InterruptedException {
        String servers = PLATFORM.start().get("kafka.bootstrap.servers");
        broker = () -> servers;
        TopicCreation creation = new TopicCreation(broker, topics);
        creation.start(new io.quarkus.runtime.StartupEvent());
        assertThat(creation.await(PATIENCE)).isTrue();
    }

    @AfterAll
    static void stopPlatform() {
        PLATFORM.stop();
    }

    @Test
    void readerSeesEverythingInOrderAndKnowsThatItDoes() {
        // Given
        EventLog log = new EventLog(broker, topics, "lorica-test-service");
        JobId job = JobId.random();
        List<DomainEvent> seen = new CopyOnWriteArrayList<>();

        // When
        try (TopicReader reader = TopicReader.start(Topic.JOB_EVENTS, topics, broker, entry -> {
            if (job.value().equals(entry.key())) {
                EventCodec.decode(entry.value()).map(EventEnvelope::data).ifPresent(seen::add);
            }
        })) {
            for (int step = 1; step <= 5; step++) {
                log.publish(new DomainEvent.JobCancelled(job, 1, step));
            }
            boolean caughtUp = reader.awaitNow(PATIENCE);

            // Then
            assertThat(caughtUp).isTrue();
            assertThat(reader.caughtUp()).isTrue();
            assertThat(seen)
                    .extracting(event -> ((DomainEvent.JobCancelled) event).step())
                    .containsExactly(1, 2, 3, 4, 5);
        } finally {
            log.close();
        }
    }

    @Test
    void appendsStateAndEventTogether() {
        // Given
        EventLog log = new EventLog(broker, topics, "lorica-test-service");
        JobId job = JobId.random();
        List<String> states = new CopyOnWriteArrayList<>();

        // When
        try (TopicReader reader = TopicReader.start(Topic.JOBS, topics, broker, entry -> {
            if (job.value().equals(entry.key())) {
                states.add(new String(entry.value(), java.nio.charset.StandardCharsets.UTF_8));
            }
        })) {
            log.append(List.of(
                    LogRecord.of(
                            Topic.JOBS, job.value(), "\"cancelled\"".getBytes(java.nio.charset.StandardCharsets.UTF_8)),
                    log.record(new DomainEvent.JobCancelled(job, 1, 7))));
            boolean caughtUp = reader.awaitNow(PATIENCE);

            // Then
            assertThat(caughtUp).isTrue();
            assertThat(states).containsExactly("\"cancelled\"");
        } finally {
            log.close();
        }
    }

    @Test
    void readerWaitsForWhatIsWrittenAndNotYetMarkedAsCommitted() {
        // Given
        JobId job = JobId.random();
        List<String> seen = new CopyOnWriteArrayList<>();
        try (KafkaProducer<String, byte[]> writer = transactional();
                TopicReader reader = TopicReader.start(Topic.JOBS, topics, broker, entry -> seen.add(entry.key()))) {
            writer.beginTransaction();
            writer.send(new ProducerRecord<>(topics.name(Topic.JOBS), job.value(), new byte[0]));
            writer.flush();

            // When
            boolean before = reader.awaitNow(Duration.ofSeconds(2));
            writer.commitTransaction();
            boolean after = reader.awaitNow(PATIENCE);

            // Then
            assertThat(before).isFalse();
            assertThat(after).isTrue();
            assertThat(seen).contains(job.value());
        }
    }

    @Test
    void namesTheBrokerThatCannotBeReached() {
        // Given
        EventLog log = new EventLog(() -> "127.0.0.1:1", topics, "lorica-test-service");

        // When
        ProductException failure = catchThrowableOfType(
                ProductException.class, () -> log.publish(new DomainEvent.JobCancelled(JobId.random(), 1, 1)));

        // Then
        assertThat(failure.code()).isEqualTo(ErrorCode.BROKER_UNAVAILABLE);
        assertThat(failure.detail()).contains("127.0.0.1:1");
    }

    private static KafkaProducer<String, byte[]> transactional() {
        KafkaProducer<String, byte[]> producer = new KafkaProducer<>(
                Map.of(
                        ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        broker.servers(),
                        ProducerConfig.TRANSACTIONAL_ID_CONFIG,
                        "test-" + JobId.random().value()),
                new StringSerializer(),
                new ByteArraySerializer());
        producer.initTransactions();
        return producer;
    }

    private record TestTopics(String text) implements TopicsConfig {
        @Override
        public Optional<String> prefix() {
            return Optional.of(text);
        }

        @Override
        public short replicationFactor() {
            return 1;
        }

        @Override
        public OptionalInt minInsyncReplicas() {
            return OptionalInt.empty();
        }

        @Override
        public int partitions() {
            return 2;
        }

        @Override
        public Duration jobEventRetention() {
            return Duration.ofSeconds(-1);
        }
    }
}

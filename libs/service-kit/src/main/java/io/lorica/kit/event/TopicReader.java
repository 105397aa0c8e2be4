package io.lorica.kit.event;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

import io.lorica.contracts.event.Topic;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Reads one topic from its beginning to its end and on, on a thread of its own, and hands every record to a
/// consumer: the way in which a service rebuilds its state from Kafka. Committed transactions only. The
/// consumer runs on that one thread and must not throw.
public final class TopicReader implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(TopicReader.class);
    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration RETRY = Duration.ofSeconds(1);
    private static final String COMMITTED = "read_committed";
    private static final String UNCOMMITTED = "read_uncommitted";

    private final String topic;
    private final String bootstrapServers;
    private final Consumer<ConsumerRecord<String, byte[]>> handler;
    private final Thread thread;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition moved = lock.newCondition();
    private final Map<TopicPartition, Long> positions = new HashMap<>();
    private boolean caughtUpOnce;
    private volatile boolean closed;
    private volatile @Nullable KafkaConsumer<String, byte[]> consumer;

    private TopicReader(String topic, String bootstrapServers, Consumer<ConsumerRecord<String, byte[]>> handler) {
        this.topic = topic;
        this.bootstrapServers = bootstrapServers;
        this.handler = handler;
        this.thread = Thread.ofPlatform().daemon().name("reader-" + topic).unstarted(this::run);
    }

    /// Starts reading; it waits for the broker and for the topic as long as it takes.
    public static TopicReader start(
            Topic topic, Topics topics, BrokerConfig broker, Consumer<ConsumerRecord<String, byte[]>> handler) {
        TopicReader reader = new TopicReader(topics.name(topic), broker.servers(), handler);
        reader.thread.start();
        return reader;
    }

    /// Whether everything that was in the topic when the reader started has been handed over.
    public boolean caughtUp() {
        lock.lock();
        try {
            return caughtUpOnce;
        } finally {
            lock.unlock();
        }
    }

    /// Waits until everything that is in the topic now has been handed over; false when the time is over first.
    /// A caller that misses what somebody else has just written calls this before it says that it does not
    /// exist.
    ///
    /// A commit returns to its producer before the broker has marked the records as committed. The end of what is
    /// marked may thus lie before a record whose writer was told that it is there; the end of the log never does.
    public boolean awaitNow(Duration patience) {
        long deadline = System.nanoTime() + patience.toNanos();
        try (KafkaConsumer<String, byte[]> probe = open(UNCOMMITTED)) {
            Map<TopicPartition, Long> ends = probe.endOffsets(partitions(probe), patience);
            return awaitPositions(ends, deadline);
        } catch (KafkaException e) {
            LOG.debugf(e, "end of topic unknown topic=%s", topic);
            return false;
        }
    }

    private boolean awaitPositions(Map<TopicPartition, Long> ends, long deadline) {
        lock.lock();
        try {
            while (!reached(ends)) {
                long left = deadline - System.nanoTime();
                if (left <= 0 || moved.awaitNanos(left) <= 0) {
                    return reached(ends);
                }
            }
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            lock.unlock();
        }
    }

    private boolean reached(Map<TopicPartition, Long> ends) {
        return ends.entrySet().stream()
                .allMatch(end -> end.getValue() == 0 || positions.getOrDefault(end.getKey(), 0L) >= end.getValue());
    }

    private void run() {
        while (!closed) {
            try (KafkaConsumer<String, byte[]> opened = open(COMMITTED)) {
                consumer = opened;
                follow(opened);
            } catch (WakeupException e) {
                LOG.debugf("reader woken topic=%s", topic);
            } catch (KafkaException e) {
                LOG.warnf("topic not readable, will try again topic=%s broker=%s", topic, bootstrapServers);
                LOG.debug("cause", e);
                pause();
            }
        }
    }

    private void follow(KafkaConsumer<String, byte[]> opened) {
        List<TopicPartition> partitions = partitions(opened);
        if (partitions.isEmpty()) {
            pause();
            return;
        }
        opened.assign(partitions);
        lock.lock();
        try {
            partitions.stream().filter(p -> !positions.containsKey(p)).forEach(p -> opened.seekToBeginning(List.of(p)));
            partitions.stream()
                    .filter(positions::containsKey)
                    .forEach(p -> opened.seek(p, positions.getOrDefault(p, 0L)));
        } finally {
            lock.unlock();
        }
        Map<TopicPartition, Long> firstEnds = opened.endOffsets(partitions);
        while (!closed) {
            ConsumerRecords<String, byte[]> records = opened.poll(POLL);
            records.forEach(handler);
            notePositions(opened, partitions, firstEnds);
        }
    }

    private void notePositions(
            KafkaConsumer<String, byte[]> opened,
            List<TopicPartition> partitions,
            Map<TopicPartition, Long> firstEnds) {
        lock.lock();
        try {
            partitions.forEach(partition -> positions.put(partition, opened.position(partition)));
            caughtUpOnce = caughtUpOnce || reached(firstEnds);
            moved.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private List<TopicPartition> partitions(KafkaConsumer<String, byte[]> opened) {
        List<PartitionInfo> found = opened.partitionsFor(topic);
        return found == null
                ? List.of()
                : found.stream()
                        .map(partition -> new TopicPartition(topic, partition.partition()))
                        .toList();
    }

    private KafkaConsumer<String, byte[]> open(String isolation) {
        return new KafkaConsumer<>(
                Map.ofEntries(
                        Map.entry(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers),
                        Map.entry(ConsumerConfig.RECONNECT_BACKOFF_MS_CONFIG, BrokerConfig.RECONNECT_MS),
                        Map.entry(ConsumerConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, BrokerConfig.RECONNECT_MAX_MS),
                        Map.entry(ConsumerConfig.CLIENT_ID_CONFIG, "reader-" + UUID.randomUUID()),
                        Map.entry(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false),
                        Map.entry(ConsumerConfig.ISOLATION_LEVEL_CONFIG, isolation),
                        Map.entry(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false),
                        Map.entry(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 8_000),
                        Map.entry(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, 5_000),
                        Map.entry(ConsumerConfig.METADATA_MAX_AGE_CONFIG, 10_000)),
                new StringDeserializer(),
                new ByteArrayDeserializer());
    }

    private void pause() {
        try {
            Thread.sleep(RETRY);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            closed = true;
        }
    }

    @Override
    public void close() {
        closed = true;
        KafkaConsumer<String, byte[]> current = consumer;
        if (current != null) {
            current.wakeup();
        }
        try {
            thread.join(Duration.ofSeconds(5));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

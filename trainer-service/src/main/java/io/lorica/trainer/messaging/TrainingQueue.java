package io.lorica.trainer.messaging;

import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import io.lorica.contracts.event.Topic;
import io.lorica.contracts.id.JobId;
import io.lorica.kit.event.BrokerConfig;
import io.lorica.kit.event.Topics;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.errors.InvalidRecordStateException;
import org.apache.kafka.common.errors.NetworkException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// One trainer's place at the queue: takes one job at a time and keeps it while it trains. Owned by one thread.
///
/// A lock is renewed by RENEW, then `commitSync`, then `poll`, in this order: with a `poll` while the renewal
/// is still under way, the client would fetch the next job into its buffer, where it grows stale.
final class TrainingQueue implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(TrainingQueue.class);
    private static final Duration COMMIT_PATIENCE = Duration.ofSeconds(10);
    private static final Duration REDELIVERY_PATIENCE = Duration.ofSeconds(10);
    private static final Duration REDELIVERY_POLL = Duration.ofMillis(50);

    /// What became of the lock on a job.
    enum Lease {
        /// The job is still this trainer's.
        HELD,
        /// The broker gave the job away, or will.
        LOST,
        /// The broker did not answer; the lock may run out.
        UNKNOWN
    }

    private final KafkaShareConsumer<String, byte[]> consumer;
    private @Nullable ConsumerRecord<String, byte[]> held;

    private TrainingQueue(KafkaShareConsumer<String, byte[]> consumer) {
        this.consumer = consumer;
    }

    /// Joins the group of trainers.
    static TrainingQueue join(BrokerConfig broker, Topics topics, QueueGroup group) {
        KafkaShareConsumer<String, byte[]> consumer = new KafkaShareConsumer<>(
                Map.of(
                        ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        broker.servers(),
                        ConsumerConfig.RECONNECT_BACKOFF_MS_CONFIG,
                        BrokerConfig.RECONNECT_MS,
                        ConsumerConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG,
                        BrokerConfig.RECONNECT_MAX_MS,
                        ConsumerConfig.GROUP_ID_CONFIG,
                        group.name(),
                        ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
                        1,
                        "share.acknowledgement.mode",
                        "explicit",
                        "share.acquire.mode",
                        "record_limit"),
                new StringDeserializer(),
                new ByteArrayDeserializer());
        consumer.subscribe(List.of(topics.name(Topic.TRAINING_QUEUE)));
        return new TrainingQueue(consumer);
    }

    /// Waits a moment for a job.
    Optional<JobId> take(Duration wait) {
        Iterator<ConsumerRecord<String, byte[]>> records = consumer.poll(wait).iterator();
        if (!records.hasNext()) {
            return Optional.empty();
        }
        ConsumerRecord<String, byte[]> taken = records.next();
        held = taken;
        if (!JobId.matches(taken.key())) {
            LOG.errorf("queue entry dropped offset=%d: its key is no job id", taken.offset());
            settle(AcknowledgeType.REJECT);
            return Optional.empty();
        }
        return Optional.of(new JobId(taken.key()));
    }

    /// Says that this trainer lives and still holds the job.
    Lease renew() {
        ConsumerRecord<String, byte[]> current = held;
        if (current == null) {
            return Lease.LOST;
        }
        try {
            consumer.acknowledge(current, AcknowledgeType.RENEW);
            Map<TopicIdPartition, Optional<KafkaException>> answer = consumer.commitSync(COMMIT_PATIENCE);
            for (Optional<KafkaException> failure : answer.values()) {
                if (failure.isPresent()) {
                    return lost(failure.get());
                }
            }
            return takeBack(current);
        } catch (KafkaException e) {
            return lost(e);
        } catch (IllegalStateException e) {
            LOG.debug("the job is no longer in the consumer's hands", e);
            held = null;
            return Lease.LOST;
        }
    }

    /// The job has ended; nobody else is to get it.
    void done() {
        settle(AcknowledgeType.ACCEPT);
    }

    /// Another trainer is to get the job, at once.
    void handBack() {
        settle(AcknowledgeType.RELEASE);
    }

    // The client hands a renewed record out again at once; where its own thread is slow to, the polls in between may
    // bring another job, which others are to get.
    private Lease takeBack(ConsumerRecord<String, byte[]> renewed) {
        long end = System.nanoTime() + REDELIVERY_PATIENCE.toNanos();
        Duration wait = Duration.ZERO;
        do {
            for (ConsumerRecord<String, byte[]> record : consumer.poll(wait)) {
                if (record.offset() == renewed.offset()) {
                    held = record;
                    return Lease.HELD;
                }
                consumer.acknowledge(record, AcknowledgeType.RELEASE);
            }
            wait = REDELIVERY_POLL;
        } while (System.nanoTime() < end);
        held = null;
        return Lease.LOST;
    }

    private Lease lost(KafkaException failure) {
        if (failure instanceof InvalidRecordStateException || failure instanceof NetworkException) {
            LOG.warnf("the broker no longer leaves the job to this trainer: %s", failure.getMessage());
            held = null;
            return Lease.LOST;
        }
        LOG.warnf("the broker did not confirm that the job is this trainer's: %s", failure.getMessage());
        return Lease.UNKNOWN;
    }

    // A refused answer means that the record has already gone elsewhere; the claim in the store keeps the result safe.
    private void settle(AcknowledgeType type) {
        ConsumerRecord<String, byte[]> current = held;
        held = null;
        if (current == null) {
            return;
        }
        try {
            consumer.acknowledge(current, type);
            consumer.commitSync(COMMIT_PATIENCE)
                    .values()
                    .forEach(failure -> failure.ifPresent(
                            e -> LOG.warnf("the broker refused an answer about a job: %s", e.getMessage())));
        } catch (KafkaException | IllegalStateException e) {
            LOG.warnf("an answer about a job did not reach the broker: %s", e.getMessage());
        }
    }

    @Override
    public void close() {
        consumer.close(COMMIT_PATIENCE);
    }
}

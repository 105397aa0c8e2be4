package io.lorica.trainer.messaging;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.StreamSupport;

import io.lorica.contracts.event.Topic;
import io.lorica.contracts.id.JobId;
import io.lorica.trainer.messaging.TrainingQueue.Lease;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jboss.logging.Logger;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/// What docs/adr/0003-gpu-queue.md relies on, proved on a real broker.
class TrainingQueueIT {

    private static final Logger LOG = Logger.getLogger(TrainingQueueIT.class);
    // Long enough for a machine that others use, too: a trainer that must hold its lock renews it four times as often.
    private static final Duration LOCK = Duration.ofSeconds(5);
    private static final Duration LONG_LOCK = Duration.ofSeconds(60);
    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final int RENEWALS = 10;
    private static final int BROKER_DELIVERY_LIMIT = 10;

    @Test
    void givesJobsThatWaitedToDifferentTrainers() throws Exception {
        // Given
        QueueFixture jobs = QueueFixture.create(LONG_LOCK);
        Set<JobId> waiting = Set.of(jobs.enqueue(), jobs.enqueue());

        // When
        try (TrainingQueue one = jobs.join();
                TrainingQueue other = jobs.join()) {
            Set<JobId> taken = new HashSet<>();
            taken.add(QueueFixture.awaitJob(one, PATIENCE));
            taken.add(QueueFixture.awaitJob(other, PATIENCE));

            // Then
            assertThat(taken).isEqualTo(waiting);
            one.done();
            other.done();
        }
    }

    @Test
    void handsJobsOutInTheirOrderOverAllTrainers() throws Exception {
        // Given
        QueueFixture jobs = QueueFixture.create(LONG_LOCK);
        try (TrainingQueue one = jobs.join();
                TrainingQueue other = jobs.join();
                TrainingQueue third = jobs.join()) {
            List<JobId> waiting = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                waiting.add(jobs.enqueue());
            }
            List<JobId> taken = new ArrayList<>();
            taken.add(QueueFixture.awaitJob(one, PATIENCE));
            taken.add(QueueFixture.awaitJob(other, PATIENCE));
            taken.add(QueueFixture.awaitJob(third, PATIENCE));

            // When
            other.handBack();
            JobId again = QueueFixture.awaitJob(other, PATIENCE);
            for (TrainingQueue next : List.of(third, one, other)) {
                next.done();
                taken.add(QueueFixture.awaitJob(next, PATIENCE));
                next.done();
            }

            // Then
            assertThat(again).isEqualTo(waiting.get(1));
            assertThat(taken).isEqualTo(waiting);
        }
    }

    @Test
    void leavesAJobWithItsTrainerForMuchLongerThanTheLock() throws Exception {
        // Given
        QueueFixture jobs = QueueFixture.create(LOCK);
        try (TrainingQueue busy = jobs.join();
                TrainingQueue idle = jobs.join()) {
            jobs.passOneThrough(idle);
            JobId job = jobs.enqueue();
            assertThat(QueueFixture.awaitJob(busy, PATIENCE)).isEqualTo(job);
            JobId next = jobs.enqueue();

            // When
            for (int i = 0; i < RENEWALS; i++) {
                Thread.sleep(LOCK.dividedBy(4));
                assertThat(busy.renew()).isEqualTo(Lease.HELD);
            }

            // Then
            assertThat(QueueFixture.awaitJob(idle, PATIENCE)).isEqualTo(next);
            assertThat(busy.renew()).isEqualTo(Lease.HELD);
            idle.done();
            busy.done();
            Thread.sleep(LOCK.toMillis());
            assertThat(idle.take(POLL)).isEmpty();
            assertThat(busy.take(POLL)).isEmpty();
        }
    }

    @Test
    void givesAJobToAnotherTrainerWhenItsOwnFallsSilent() throws Exception {
        // Given
        QueueFixture jobs = QueueFixture.create(LOCK);
        try (TrainingQueue silent = jobs.join();
                TrainingQueue other = jobs.join()) {
            jobs.passOneThrough(other);
            JobId job = jobs.enqueue();
            QueueFixture.awaitJob(silent, PATIENCE);
            long start = System.nanoTime();

            // When
            JobId taken = QueueFixture.awaitJob(other, PATIENCE);

            // Then
            LOG.infof("given away after silence ms=%d lock=%s", millisSince(start), LOCK);
            assertThat(taken).isEqualTo(job);
            assertThat(silent.renew()).isEqualTo(Lease.LOST);
            assertThat(other.renew()).isEqualTo(Lease.HELD);
            other.done();
        }
    }

    @Test
    void givesAJobToAnotherTrainerWhenItsOwnHandsItBackOrLeaves() throws Exception {
        // Given
        QueueFixture jobs = QueueFixture.create(LONG_LOCK);
        JobId job = jobs.enqueue();
        try (TrainingQueue one = jobs.join();
                TrainingQueue other = jobs.join()) {
            QueueFixture.awaitJob(one, PATIENCE);
            jobs.passOneThrough(other);
            one.handBack();
            one.close();

            // When
            long start = System.nanoTime();
            assertThat(QueueFixture.awaitJob(other, PATIENCE)).isEqualTo(job);

            // Then
            LOG.infof("given away after hand-back ms=%d", millisSince(start));
            other.close();
            try (TrainingQueue third = jobs.join()) {
                start = System.nanoTime();
                assertThat(QueueFixture.awaitJob(third, PATIENCE)).isEqualTo(job);
                LOG.infof("given away after close ms=%d", millisSince(start));
                third.done();
            }
        }
    }

    @Test
    void givesAJobToAnotherTrainerWhenItsOwnIsKilled() throws Exception {
        // Given
        QueueFixture jobs = QueueFixture.create(LONG_LOCK);
        JobId job = jobs.enqueue();
        Process killed = holder(jobs);
        assertThat(killed.inputReader().readLine()).isEqualTo(job.value());
        try (TrainingQueue other = jobs.join()) {
            jobs.passOneThrough(other);

            // When
            long start = System.nanoTime();
            killed.destroyForcibly().waitFor();

            // Then
            assertThat(QueueFixture.awaitJob(other, PATIENCE)).isEqualTo(job);
            LOG.infof("given away after kill ms=%d", millisSince(start));
            other.done();
        }
    }

    @Test
    void laysAJobAsideThatNobodyKeeps() throws Exception {
        // Given
        QueueFixture jobs = QueueFixture.create(LOCK);
        JobId job = jobs.enqueue();

        // When
        try (TrainingQueue queue = jobs.join()) {
            for (int i = 0; i < BROKER_DELIVERY_LIMIT; i++) {
                assertThat(QueueFixture.awaitJob(queue, PATIENCE)).isEqualTo(job);
                queue.handBack();
            }

            // Then
            assertThat(queue.take(LOCK)).isEmpty();
        }
        assertThat(deadLetters(jobs)).containsExactly(job.value());
    }

    private static long millisSince(long start) {
        return Duration.ofNanos(System.nanoTime() - start).toMillis();
    }

    private static Process holder(QueueFixture jobs) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        QueueHolder.class.getName(),
                        jobs.servers(),
                        jobs.prefix())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    private static List<String> deadLetters(QueueFixture jobs) {
        try (KafkaConsumer<String, byte[]> consumer = new KafkaConsumer<>(
                Map.of(
                        ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        jobs.servers(),
                        ConsumerConfig.GROUP_ID_CONFIG,
                        jobs.prefix() + "dead-letter-reader",
                        ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                        "earliest"),
                new StringDeserializer(),
                new ByteArrayDeserializer())) {
            consumer.subscribe(List.of(jobs.topic(Topic.TRAINING_QUEUE_DEAD_LETTERS)));
            for (int i = 0; i < PATIENCE.dividedBy(POLL); i++) {
                ConsumerRecords<String, byte[]> records = consumer.poll(POLL);
                if (!records.isEmpty()) {
                    return StreamSupport.stream(records.spliterator(), false)
                            .map(ConsumerRecord::key)
                            .toList();
                }
            }
            return List.of();
        }
    }
}

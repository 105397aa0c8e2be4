package io.lorica.trainer.messaging;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

import io.lorica.contracts.id.JobId;
import io.lorica.trainer.messaging.TrainingQueue.Lease;
import org.jboss.logging.Logger;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/// Jobs as long as real ones, with the settings of production: two trainers each hold one, a third waits. Run with
/// `-Psoak`; the system property `lorica.soak.minutes` sets the length of the jobs.
class TrainingQueueSoak {

    private static final Logger LOG = Logger.getLogger(TrainingQueueSoak.class);
    private static final Duration LOCK = Duration.ofSeconds(60);
    private static final Duration RENEW_EVERY = Duration.ofSeconds(20);
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration JOB = Duration.ofMinutes(Integer.getInteger("lorica.soak.minutes", 60));

    @Test
    void givesEachLongJobToOneTrainerOnce() throws Exception {
        // Given
        QueueFixture jobs = QueueFixture.create(LOCK);
        Map<JobId, AtomicInteger> starts = new ConcurrentHashMap<>();
        for (int i = 0; i < 3; i++) {
            starts.put(jobs.enqueue(), new AtomicInteger());
        }

        // When
        Map<Integer, Future<Integer>> renewals = new HashMap<>();
        try (ExecutorService trainers = Executors.newFixedThreadPool(2)) {
            Callable<Integer> trainer = () -> train(jobs, starts);
            renewals.put(1, trainers.submit(trainer));
            renewals.put(2, trainers.submit(trainer));
        }

        // Then
        assertThat(starts.values()).extracting(AtomicInteger::get).containsOnly(1);
        LOG.infof(
                "soak done job=%s renewals=%d+%d",
                JOB, renewals.get(1).get(), renewals.get(2).get());
    }

    // Two long jobs side by side, then the one that waited, short.
    private static int train(QueueFixture jobs, Map<JobId, AtomicInteger> starts) throws Exception {
        int renewals = 0;
        try (TrainingQueue queue = jobs.join()) {
            JobId job = QueueFixture.awaitJob(queue, PATIENCE);
            starts.get(job).incrementAndGet();
            long end = System.nanoTime() + JOB.toNanos();
            while (System.nanoTime() < end) {
                Thread.sleep(RENEW_EVERY);
                assertThat(queue.renew()).isEqualTo(Lease.HELD);
                renewals++;
            }
            queue.done();
            queue.take(PATIENCE).ifPresent(next -> {
                starts.get(next).incrementAndGet();
                queue.done();
            });
            return renewals;
        }
    }
}

package io.lorica.trainer.messaging;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import io.lorica.contracts.id.JobId;
import io.lorica.kit.event.BrokerConfig;
import io.lorica.kit.event.TopicCreation;
import io.lorica.kit.event.Topics;
import io.lorica.trainer.config.TrainerConfig;
import io.lorica.trainer.execution.RunOutcome;
import io.lorica.trainer.execution.RunSignals;
import io.lorica.trainer.execution.TrainingThread;
import io.lorica.trainer.journal.JournalReader;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import org.apache.kafka.common.KafkaException;
import org.jboss.logging.Logger;

/// Takes jobs from the queue, one at a time, and keeps each one's lock while the training thread works on it.
@Singleton
public final class TrainingWorker {

    private static final Logger LOG = Logger.getLogger(TrainingWorker.class);
    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration RETRY = Duration.ofSeconds(2);
    private static final Duration VIEW_PATIENCE = Duration.ofSeconds(30);
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(50);

    private final TrainerConfig config;
    private final BrokerConfig broker;
    private final Topics topics;
    private final TopicCreation topicCreation;
    private final QueueGroup group;
    private final JournalReader journal;
    private final TrainingThread training;
    private final Thread thread = Thread.ofPlatform().name("training-queue").unstarted(this::run);
    private volatile boolean stopping;

    TrainingWorker(
            TrainerConfig config,
            BrokerConfig broker,
            Topics topics,
            TopicCreation topicCreation,
            QueueGroup group,
            JournalReader journal,
            TrainingThread training) {
        this.config = config;
        this.broker = broker;
        this.topics = topics;
        this.topicCreation = topicCreation;
        this.group = group;
        this.journal = journal;
        this.training = training;
    }

    void start(@Observes StartupEvent event) {
        if (config.worker()) {
            thread.start();
        }
    }

    void stop(@Observes ShutdownEvent event) {
        stopping = true;
        try {
            thread.join(STOP_PATIENCE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        while (!stopping) {
            try {
                if (ready()) {
                    work();
                }
            } catch (KafkaException | ExecutionException e) {
                LOG.warnf("the queue cannot be read, will try again broker=%s: %s", broker.servers(), e.getMessage());
                LOG.debug("cause", e);
                pause();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private boolean ready() throws InterruptedException {
        if (!topicCreation.await(POLL) || !journal.caughtUp()) {
            Thread.sleep(POLL);
            return false;
        }
        return true;
    }

    private void work() throws ExecutionException, InterruptedException {
        group.configure();
        try (TrainingQueue queue = TrainingQueue.join(broker, topics, group)) {
            while (!stopping) {
                Optional<JobId> job = queue.take(POLL);
                if (job.isPresent()) {
                    run(job.get(), queue);
                }
            }
        }
    }

    private void run(JobId job, TrainingQueue queue) throws InterruptedException {
        journal.awaitNow(VIEW_PATIENCE);
        RunSignals signals = new RunSignals();
        CompletableFuture<RunOutcome> running = training.start(job, signals);
        long renewed = System.nanoTime();
        while (true) {
            try {
                settle(queue, running.get(POLL.toMillis(), TimeUnit.MILLISECONDS));
                return;
            } catch (ExecutionException e) {
                queue.handBack();
                pause();
                return;
            } catch (TimeoutException _) {
                if (stopping) {
                    signals.stop(RunSignals.StopReason.SHUTDOWN);
                }
                if (System.nanoTime() - renewed > config.renewEvery().toNanos()) {
                    renewed = System.nanoTime();
                    if (queue.renew() == TrainingQueue.Lease.LOST) {
                        signals.stop(RunSignals.StopReason.LEASE_LOST);
                    }
                }
            }
        }
    }

    private static void settle(TrainingQueue queue, RunOutcome outcome) {
        switch (outcome) {
            case DONE, TAKEN_OVER -> queue.done();
            case HAND_BACK -> queue.handBack();
        }
    }

    private static void pause() {
        try {
            Thread.sleep(RETRY);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

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
import io.lorica.trainer.execution.GivenUp;
import io.lorica.trainer.execution.Patience;
import io.lorica.trainer.execution.ProcessEnd;
import io.lorica.trainer.execution.RunOutcome;
import io.lorica.trainer.execution.RunSignals;
import io.lorica.trainer.execution.TrainingThread;
import io.lorica.trainer.execution.WorkerHealth;
import io.lorica.trainer.execution.WorkerState;
import io.lorica.trainer.job.JobCatalog;
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

    private final TrainerConfig config;
    private final BrokerConfig broker;
    private final Topics topics;
    private final TopicCreation topicCreation;
    private final QueueGroup group;
    private final JournalReader journal;
    private final JobCatalog catalog;
    private final TrainingThread training;
    private final GivenUp givenUp;
    private final Patience patience;
    private final WorkerHealth health;
    private final ProcessEnd processEnd;
    private final Thread thread = Thread.ofPlatform().name("training-queue").unstarted(this::run);
    private volatile boolean stopping;
    private int faults;

    TrainingWorker(
            TrainerConfig config,
            BrokerConfig broker,
            Topics topics,
            TopicCreation topicCreation,
            QueueGroup group,
            JournalReader journal,
            JobCatalog catalog,
            TrainingThread training,
            GivenUp givenUp,
            Patience patience,
            WorkerHealth health,
            ProcessEnd processEnd) {
        this.config = config;
        this.broker = broker;
        this.topics = topics;
        this.topicCreation = topicCreation;
        this.group = group;
        this.journal = journal;
        this.catalog = catalog;
        this.training = training;
        this.givenUp = givenUp;
        this.patience = patience;
        this.health = health;
        this.processEnd = processEnd;
    }

    void start(@Observes StartupEvent event) {
        if (config.worker()) {
            thread.start();
        }
    }

    void stop(@Observes ShutdownEvent event) {
        stopping = true;
        try {
            if (!thread.join(config.stopGrace())) {
                LOG.warnf(
                        "the job is not handed back within lorica.trainer.stop-grace (%s); it goes on from its last"
                                + " checkpoint elsewhere",
                        config.stopGrace());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Tells whether the worker does its work, or is not to.
    boolean alive() {
        return !config.worker() || stopping || thread.isAlive() || thread.getState() == Thread.State.NEW;
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
                settle(queue, RunOutcome.HAND_BACK_LATER);
                return;
            } catch (TimeoutException _) {
                tellToStop(job, signals);
                Optional<String> stuck = givenUp.stuck(signals);
                if (stuck.isPresent()) {
                    giveUp(job, signals, queue, running, stuck.get());
                    return;
                }
                health.at(signals.activity().training() ? WorkerState.TRAINING : WorkerState.WORKING);
                if (System.nanoTime() - renewed > config.renewEvery().toNanos()) {
                    renewed = System.nanoTime();
                    if (queue.renew() == TrainingQueue.Lease.LOST) {
                        signals.stop(RunSignals.StopReason.LEASE_LOST);
                    }
                }
            }
        }
    }

    private void tellToStop(JobId job, RunSignals signals) {
        if (stopping) {
            signals.stop(RunSignals.StopReason.SHUTDOWN);
        }
        if (catalog.stopRequested(job)) {
            signals.stop(RunSignals.StopReason.CANCELLED);
        }
    }

    /// Ends the job without its thread. The thread has a while to end, too; then the process ends, since no other job
    /// could be taken any more.
    private void giveUp(
            JobId job, RunSignals signals, TrainingQueue queue, CompletableFuture<RunOutcome> running, String reason)
            throws InterruptedException {
        health.stuck("jobId=" + job + ": " + reason + " The process ends itself unless the job lets go within "
                + config.releaseWithin().toSeconds() + " s.");
        settle(queue, givenUp.end(job, signals, reason));
        training.interrupt();
        while (!ends(running)) {
            processEnd.now("jobId=" + job + ": " + reason);
        }
        health.at(WorkerState.IDLE);
    }

    private boolean ends(CompletableFuture<RunOutcome> running) throws InterruptedException {
        try {
            running.get(config.releaseWithin().toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (ExecutionException _) {
            return true;
        } catch (TimeoutException _) {
            return false;
        }
    }

    private void settle(TrainingQueue queue, RunOutcome outcome) throws InterruptedException {
        switch (outcome) {
            case DONE, TAKEN_OVER -> queue.done();
            case HAND_BACK, HAND_BACK_LATER, DEVICE_LOST -> queue.handBack();
        }
        faults = outcome == RunOutcome.HAND_BACK_LATER ? faults + 1 : 0;
        if (outcome == RunOutcome.DEVICE_LOST) {
            health.stuck("The GPU or its driver failed; the process ends itself.");
            processEnd.now("the GPU or its driver failed");
        }
        if (faults > 0) {
            pauseUnlessStopping(patience.pauseAfter(faults));
        }
        if (health.state() != WorkerState.STUCK) {
            health.at(WorkerState.IDLE);
        }
    }

    private void pauseUnlessStopping(Duration pause) throws InterruptedException {
        long end = System.nanoTime() + pause.toNanos();
        while (!stopping && System.nanoTime() - end < 0) {
            Thread.sleep(POLL);
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

package io.lorica.trainer.execution;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import java.util.stream.IntStream;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.event.DomainEvent;
import io.lorica.contracts.event.Topic;
import io.lorica.kit.event.LogRecord;
import io.lorica.trainer.Jobs;
import io.lorica.trainer.execution.RunSignals.StopReason;
import io.lorica.trainer.job.Job;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

@Timeout(60)
class EventOutboxTest {

    private static final Duration SOON = Duration.ofMillis(20);
    private static final Duration LATER = Duration.ofMinutes(10);
    private static final Job JOB = Jobs.running(1);

    private final RunSignals signals = new RunSignals();
    private final List<String> sent = Collections.synchronizedList(new ArrayList<>());
    private volatile boolean brokerAway;

    @Test
    void takesEventsWithoutWaitingForTheBrokerAndSendsThemInOrder() throws InterruptedException {
        // Given
        CountDownLatch answers = new CountDownLatch(1);
        try (EventOutbox outbox = outbox(
                records -> {
                    awaitUninterruptibly(answers);
                    take(records);
                },
                LATER,
                10_000)) {
            // When
            sendSteps(outbox, 1, 2000);

            // Then
            assertThat(sent).isEmpty();
            answers.countDown();
            outbox.flush();
            assertThat(sent).isEqualTo(steps(1, 2000));
        }
    }

    @Test
    void keepsEventsInOrderWhileTheBrokerIsAwayAndSendsThemWhenItIsBack() {
        // Given
        brokerAway = true;
        try (EventOutbox outbox = outbox(this::take, SOON, 10_000)) {
            sendSteps(outbox, 1, 30);
            assertThatThrownBy(outbox::flush)
                    .isInstanceOfSatisfying(
                            ProductException.class,
                            failure -> assertThat(failure.code()).isEqualTo(ErrorCode.BROKER_UNAVAILABLE));

            // When
            brokerAway = false;
            sendSteps(outbox, 31, 40);

            // Then
            await().untilAsserted(() -> assertThat(sent).isEqualTo(steps(1, 40)));
        }
    }

    @Test
    void sendsWhatWaitsBeforeItEnds() {
        // Given
        brokerAway = true;
        EventOutbox outbox = outbox(this::take, LATER, 10_000);
        sendSteps(outbox, 1, 5);
        assertThatThrownBy(outbox::flush).isInstanceOf(ProductException.class);
        brokerAway = false;

        // When
        outbox.close();

        // Then
        assertThat(sent).isEqualTo(steps(1, 5));
    }

    @Test
    void letsTheRunWaitWhenTooManyEventsDo() {
        // Given
        Semaphore answers = new Semaphore(0);
        try (EventOutbox outbox = outbox(
                records -> {
                    answers.acquireUninterruptibly();
                    take(records);
                },
                LATER,
                3)) {
            sendSteps(outbox, 1, 3);

            // When
            CompletableFuture<Void> fourth = CompletableFuture.runAsync(() -> sendSteps(outbox, 4, 4));

            // Then
            await().during(Duration.ofMillis(200)).until(() -> !fourth.isDone());
            answers.release(100);
            fourth.join();
            outbox.flush();
            assertThat(sent).isEqualTo(steps(1, 4));
        }
    }

    @Test
    void letsARunThatMustStopGoOnThoughTooManyEventsWait() {
        // Given
        brokerAway = true;
        try (EventOutbox outbox = outbox(this::take, LATER, 1)) {
            sendSteps(outbox, 1, 1);
            CompletableFuture<Void> second = CompletableFuture.runAsync(() -> sendSteps(outbox, 2, 2));

            // When
            signals.stop(StopReason.SHUTDOWN);

            // Then
            second.join();
            brokerAway = false;
            outbox.flush();
            assertThat(sent).isEqualTo(steps(1, 2));
        }
    }

    @Test
    void tellsTheRunOfAFailureThatNoPatienceMends() {
        // Given
        try (EventOutbox outbox = outbox(
                _ -> {
                    throw new IllegalStateException("a topic is missing");
                },
                LATER,
                10_000)) {
            sendSteps(outbox, 1, 1);

            // When, Then
            await().untilAsserted(() -> assertThatThrownBy(() -> sendSteps(outbox, 2, 2))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("a topic is missing"));
        }
    }

    private EventOutbox outbox(Consumer<List<LogRecord>> publisher, Duration retryAfter, int capacity) {
        return new EventOutbox(EventOutboxTest::record, publisher, signals, retryAfter, capacity);
    }

    private void take(List<LogRecord> records) {
        if (brokerAway) {
            throw ProductException.of(ErrorCode.BROKER_UNAVAILABLE, "The broker is away.");
        }
        records.forEach(entry -> sent.add(entry.key()));
    }

    private static LogRecord record(DomainEvent event) {
        return event instanceof DomainEvent.JobProgressed progressed
                ? LogRecord.of(Topic.JOB_EVENTS, "step " + progressed.metrics().step(), new byte[0])
                : LogRecord.of(Topic.JOB_EVENTS, "other", new byte[0]);
    }

    private static void sendSteps(EventOutbox outbox, int first, int last) {
        IntStream.rangeClosed(first, last)
                .forEach(step -> outbox.send(new DomainEvent.JobProgressed(JOB.id(), 1, Jobs.metrics(step))));
    }

    private static List<String> steps(int first, int last) {
        return IntStream.rangeClosed(first, last)
                .mapToObj(step -> "step " + step)
                .toList();
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}

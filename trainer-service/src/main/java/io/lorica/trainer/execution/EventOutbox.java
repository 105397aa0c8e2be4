package io.lorica.trainer.execution;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;

import io.lorica.contracts.error.ErrorKind;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.event.DomainEvent;
import io.lorica.kit.event.LogRecord;
import io.lorica.trainer.journal.JobJournal;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Events of a run on their way to Kafka, in order, on a thread of their own: a GPU is not to wait for a
/// broker's answer after each step. While the broker is away events wait here and the training goes on,
/// until so many wait that it has to wait, too. An event keeps its id over all tries, so that readers drop
/// what arrives twice. Safe for many threads.
final class EventOutbox implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(EventOutbox.class);
    private static final Duration RETRY_AFTER = Duration.ofSeconds(15);
    private static final Duration LOOK_AT_SIGNALS = Duration.ofMillis(500);
    // A step's event takes about a kilobyte: some 50 MB when full.
    private static final int CAPACITY = 50_000;
    private static final int MOST_AT_ONCE = 500;

    private final Function<DomainEvent, LogRecord> toRecord;
    private final Consumer<List<LogRecord>> publisher;
    private final RunSignals signals;
    private final Duration retryAfter;
    private final int capacity;

    /// Held while records are sent: two senders at once would send the same ones twice and out of order.
    private final ReentrantLock sending = new ReentrantLock();

    /// Guards what waits and the fields below; never held while records are sent.
    private final ReentrantLock lock = new ReentrantLock();

    private final Condition changed = lock.newCondition();
    private final Deque<LogRecord> waiting = new ArrayDeque<>();
    private final Thread sender = Thread.ofVirtual().name("events").unstarted(this::run);
    private boolean brokerAway;
    private boolean closed;
    private @Nullable RuntimeException failure;

    EventOutbox(JobJournal journal, RunSignals signals) {
        this(journal::record, journal::publish, signals, RETRY_AFTER, CAPACITY);
    }

    EventOutbox(
            Function<DomainEvent, LogRecord> toRecord,
            Consumer<List<LogRecord>> publisher,
            RunSignals signals,
            Duration retryAfter,
            int capacity) {
        this.toRecord = toRecord;
        this.publisher = publisher;
        this.signals = signals;
        this.retryAfter = retryAfter;
        this.capacity = capacity;
        sender.start();
    }

    /// Puts an event behind those that wait. A failure of earlier ones that no patience mends comes out here.
    void send(DomainEvent event) {
        LogRecord entry = toRecord.apply(event);
        lock.lock();
        try {
            while (waiting.size() >= capacity && signals.stopReason().isEmpty() && failure == null) {
                await(LOOK_AT_SIGNALS);
            }
            throwFailure();
            waiting.addLast(entry);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// Sends what waits and returns when the broker has it.
    ///
    /// @throws ProductException with `BROKER_UNAVAILABLE` where it does not take it; it goes on waiting here
    void flush() {
        throwFailure();
        drain();
    }

    /// Tries once more to send what waits, and ends.
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        try {
            sender.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        boolean last = false;
        while (!last) {
            last = awaitWork();
            try {
                drain();
            } catch (ProductException e) {
                if (e.code().kind() != ErrorKind.UNAVAILABLE) {
                    fail(e);
                    return;
                }
                postpone(e);
            } catch (RuntimeException e) {
                fail(e);
                return;
            }
        }
    }

    /// Waits for events, or for the next try; true when there will be no more.
    private boolean awaitWork() {
        lock.lock();
        try {
            long nextTry = System.nanoTime() + retryAfter.toNanos();
            while (!closed && brokerAway && System.nanoTime() < nextTry) {
                await(Duration.ofNanos(nextTry - System.nanoTime()));
            }
            while (!closed && waiting.isEmpty()) {
                await(retryAfter);
            }
            return closed;
        } finally {
            lock.unlock();
        }
    }

    private void drain() {
        sending.lock();
        try {
            for (List<LogRecord> next = next(); !next.isEmpty(); next = next()) {
                publisher.accept(next);
                sent(next.size());
            }
        } finally {
            sending.unlock();
        }
    }

    private List<LogRecord> next() {
        lock.lock();
        try {
            return waiting.stream().limit(MOST_AT_ONCE).toList();
        } finally {
            lock.unlock();
        }
    }

    private void sent(int count) {
        lock.lock();
        try {
            for (int i = 0; i < count; i++) {
                waiting.removeFirst();
            }
            if (brokerAway) {
                LOG.infof("events go to the broker again count=%d", count);
                brokerAway = false;
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void postpone(ProductException cause) {
        lock.lock();
        try {
            LOG.warnf(
                    closed ? "events are left unsent count=%d: %s" : "events wait for the broker count=%d: %s",
                    waiting.size(),
                    cause.detail());
            brokerAway = true;
        } finally {
            lock.unlock();
        }
    }

    private void fail(RuntimeException cause) {
        lock.lock();
        try {
            failure = cause;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void throwFailure() {
        lock.lock();
        try {
            if (failure != null) {
                throw failure;
            }
        } finally {
            lock.unlock();
        }
    }

    private void await(Duration patience) {
        try {
            var unused = changed.await(patience.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while events wait", e);
        }
    }
}

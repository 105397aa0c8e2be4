package io.lorica.kit.event;

import java.time.Duration;
import java.util.function.BooleanSupplier;

import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import org.jboss.logging.Logger;

/// Says in the log once that the broker is away, and once that it is back. Kafka's clients each say it
/// every few seconds, so their own lines are off. Until the topics are there, [TopicCreation] tells what it
/// waits for.
@Singleton
public final class BrokerWatch {

    private static final Logger LOG = Logger.getLogger(BrokerWatch.class);
    private static final Duration PAUSE = Duration.ofSeconds(5);
    // A broker under load is slow before it is away.
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final BrokerConfig broker;
    private final BooleanSupplier reachable;
    private final Thread thread;
    private volatile boolean away;
    private long lastSeen = System.nanoTime();

    @Inject
    BrokerWatch(BrokerConfig broker, TopicCreation topics) {
        this.broker = broker;
        BrokerProbe probe = new BrokerProbe(broker, PATIENCE);
        this.reachable = probe::reachable;
        this.thread = Thread.ofVirtual().name("broker-watch").unstarted(() -> {
            try (probe) {
                watch(topics);
            } catch (InterruptedException e) {
                LOG.debug("the watch ends with the service", e);
            }
        });
    }

    /// A watch that looks when it is told to.
    BrokerWatch(BrokerConfig broker, BooleanSupplier reachable) {
        this.broker = broker;
        this.reachable = reachable;
        this.thread = Thread.ofVirtual().unstarted(this::look);
    }

    void start(@Observes StartupEvent event) {
        thread.start();
    }

    void stop(@Observes ShutdownEvent event) {
        thread.interrupt();
    }

    private void watch(TopicCreation topics) throws InterruptedException {
        while (!topics.await(PAUSE)) {
            LOG.debug("the topics are not there yet");
        }
        while (!Thread.interrupted()) {
            look();
            Thread.sleep(PAUSE);
        }
    }

    /// Tells whether the broker did not answer when it was looked for last.
    public boolean away() {
        return away;
    }

    /// Looks for the broker and says what has changed.
    void look() {
        boolean here = reachable.getAsBoolean();
        if (here && away) {
            LOG.infof("the Kafka broker is back broker=%s after=%s", broker.servers(), absence());
        } else if (!here && !away) {
            LOG.warnf(
                    "the Kafka broker is away, what needs it waits until it is back broker=%s lastSeen=%s",
                    broker.servers(), absence());
        }
        if (here) {
            lastSeen = System.nanoTime();
        }
        away = !here;
    }

    private Duration absence() {
        return Duration.ofSeconds(Duration.ofNanos(System.nanoTime() - lastSeen).toSeconds());
    }
}

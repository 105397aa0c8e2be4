package io.lorica.kit.event;

import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

import io.lorica.contracts.error.FailureWords;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.CreateTopicsResult;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.TopicExistsException;
import org.jboss.logging.Logger;

/// Creates the topics when the service starts, and keeps trying with back-off while the broker is away. It
/// injects no emitter: an emitter would wait for the topics that are made here.
@Singleton
public final class TopicCreation {

    private static final Logger LOG = Logger.getLogger(TopicCreation.class);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(15);
    private static final Duration REQUEST = Duration.ofSeconds(5);
    private static final Duration CALL = Duration.ofSeconds(8);

    private final BrokerConfig broker;
    private final Topics topics;
    private final CountDownLatch done = new CountDownLatch(1);
    private volatile boolean stopping;
    private volatile Optional<String> problem = Optional.of("the topics are not created yet");

    TopicCreation(BrokerConfig broker, Topics topics) {
        this.broker = broker;
        this.topics = topics;
    }

    void start(@Observes @Priority(1) StartupEvent event) {
        Thread.ofVirtual().name("topic-creation").start(this::createWithRetries);
    }

    void stop(@Observes ShutdownEvent event) {
        stopping = true;
    }

    /// Why the topics are not there yet; empty once they are.
    public Optional<String> problem() {
        return problem;
    }

    /// Waits until the topics exist; false when the time is over first.
    public boolean await(Duration patience) throws InterruptedException {
        return done.await(patience.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void createWithRetries() {
        Duration pause = FIRST_PAUSE;
        while (!stopping) {
            try {
                create();
                problem = Optional.empty();
                done.countDown();
                return;
            } catch (ExecutionException e) {
                problem = Optional.of("the Kafka broker at " + broker.servers() + " cannot be used: "
                        + FailureWords.of(Objects.requireNonNullElse(e.getCause(), e))
                        + "; set kafka.bootstrap.servers or start the broker");
                LOG.warnf(
                        "the Kafka broker cannot be used, will try again broker=%s pause=%s: %s",
                        broker.servers(),
                        pause,
                        Objects.requireNonNullElse(e.getCause(), e).getMessage());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
            sleep(pause);
            pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
        }
    }

    private void create() throws ExecutionException, InterruptedException {
        try (Admin admin = Admins.open(broker, REQUEST, CALL)) {
            Set<String> present = admin.listTopics().names().get();
            CreateTopicsResult result = admin.createTopics(topics.definitions().stream()
                    .filter(topic -> !present.contains(topic.name()))
                    .toList());
            for (Map.Entry<String, KafkaFuture<Void>> created : result.values().entrySet()) {
                awaitCreated(created.getKey(), created.getValue());
            }
        }
    }

    // Services that start together race for the same topics; the loser finds what it wanted.
    private static void awaitCreated(String topic, KafkaFuture<Void> created)
            throws ExecutionException, InterruptedException {
        try {
            created.get();
            LOG.infof("topic created topic=%s", topic);
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof TopicExistsException)) {
                throw e;
            }
        }
    }

    private static void sleep(Duration pause) {
        try {
            Thread.sleep(pause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Names of all topics, for messages.
    public String names() {
        return String.join(
                ", ", topics.definitions().stream().map(NewTopic::name).toList());
    }
}

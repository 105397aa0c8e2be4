package io.lorica.trainer.messaging;

import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

import io.lorica.contracts.event.Topic;
import io.lorica.contracts.id.JobId;
import io.lorica.kit.event.BrokerConfig;
import io.lorica.kit.event.Topics;
import io.lorica.kit.event.TopicsConfig;
import io.lorica.testkit.LoricaPlatform;
import io.lorica.trainer.config.TrainerConfig;
import io.quarkus.runtime.configuration.DurationConverter;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/// A training queue of its own on the build's broker.
final class QueueFixture {

    private static final int CONVERTER_PRIORITY = 200;

    private final BrokerConfig broker;
    private final Topics topics;
    private final QueueGroup group;

    private QueueFixture(BrokerConfig broker, Topics topics, QueueGroup group) {
        this.broker = broker;
        this.topics = topics;
        this.group = group;
    }

    /// Creates the topics of a new installation.
    static QueueFixture create(Duration lock) throws Exception {
        Map<String, String> platform = new LoricaPlatform().start();
        QueueFixture fixture = of(platform.get("kafka.bootstrap.servers"), platform.get("lorica.topics.prefix"), lock);
        try (Admin admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, fixture.broker.servers()))) {
            admin.createTopics(fixture.topics.definitions()).all().get();
        }
        return fixture;
    }

    /// The topics of an installation that exists.
    static QueueFixture of(String servers, String prefix, Duration lock) {
        SmallRyeConfig config = new SmallRyeConfigBuilder()
                .addDefaultInterceptors()
                .withConverter(Duration.class, CONVERTER_PRIORITY, new DurationConverter())
                .withMapping(TopicsConfig.class)
                .withMapping(TrainerConfig.class)
                .withDefaultValue("lorica.topics.prefix", prefix)
                .withDefaultValue("lorica.trainer.lock", lock.toMillis() + "ms")
                .withDefaultValue("java.io.tmpdir", System.getProperty("java.io.tmpdir"))
                .build();
        BrokerConfig broker = () -> servers;
        Topics topics = new Topics(config.getConfigMapping(TopicsConfig.class));
        return new QueueFixture(
                broker, topics, new QueueGroup(broker, topics, config.getConfigMapping(TrainerConfig.class)));
    }

    String servers() {
        return broker.servers();
    }

    String prefix() {
        return topics.name(Topic.TRAINING_QUEUE).replace(Topic.TRAINING_QUEUE.topicName(), "");
    }

    String topic(Topic topic) {
        return topics.name(topic);
    }

    /// Puts a new job on the queue.
    JobId enqueue() throws Exception {
        JobId job = JobId.random();
        try (KafkaProducer<String, byte[]> producer = new KafkaProducer<>(
                Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, broker.servers()),
                new StringSerializer(),
                new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>(topics.name(Topic.TRAINING_QUEUE), job.value(), new byte[0]))
                    .get();
        }
        return job;
    }

    /// A trainer that joins the queue.
    TrainingQueue join() throws Exception {
        group.configure();
        return TrainingQueue.join(broker, topics, group);
    }

    /// Gives a trainer a short job, after which it surely is a member of the group.
    void passOneThrough(TrainingQueue queue) throws Exception {
        enqueue();
        awaitJob(queue, Duration.ofMinutes(2));
        queue.done();
    }

    /// Waits for the next job of a trainer.
    static JobId awaitJob(TrainingQueue queue, Duration patience) {
        long end = System.nanoTime() + patience.toNanos();
        Optional<JobId> taken = Optional.empty();
        while (taken.isEmpty() && System.nanoTime() < end) {
            taken = queue.take(Duration.ofMillis(200));
        }
        return Objects.requireNonNull(taken.orElse(null), "no job came within " + patience);
    }
}

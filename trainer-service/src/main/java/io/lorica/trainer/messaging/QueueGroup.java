package io.lorica.trainer.messaging;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;

import io.lorica.contracts.event.Topic;
import io.lorica.kit.event.BrokerConfig;
import io.lorica.kit.event.Topics;
import io.lorica.trainer.config.TrainerConfig;
import jakarta.inject.Singleton;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;

/// The share group of all trainers (KIP-932), and how the broker treats it.
@Singleton
public final class QueueGroup {

    // Above the number of attempts that a job gets, so that the trainer ends the job before the broker drops it.
    private static final String BROKER_DELIVERY_LIMIT = "10";

    private final BrokerConfig broker;
    private final Topics topics;
    private final TrainerConfig config;

    QueueGroup(BrokerConfig broker, Topics topics, TrainerConfig config) {
        this.broker = broker;
        this.topics = topics;
        this.config = config;
    }

    /// The group's name on the broker: the prefix of the topics is its own, too.
    public String name() {
        return topics.name(Topic.TRAINING_QUEUE).replace(Topic.TRAINING_QUEUE.topicName(), "") + config.group();
    }

    /// Tells the broker how long a job stays with a silent trainer and where undeliverable entries go. Without
    /// the first setting a new group would not see jobs that were queued before its first member came.
    public void configure() throws ExecutionException, InterruptedException {
        Map<String, Object> settings = Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, broker.servers());
        try (Admin admin = Admin.create(settings)) {
            ConfigResource group = new ConfigResource(ConfigResource.Type.GROUP, name());
            admin.incrementalAlterConfigs(Map.of(
                            group,
                            List.of(
                                    set("share.auto.offset.reset", "earliest"),
                                    set(
                                            "share.record.lock.duration.ms",
                                            Long.toString(config.lock().toMillis())),
                                    set("share.delivery.count.limit", BROKER_DELIVERY_LIMIT),
                                    set("share.isolation.level", "read_committed"),
                                    set("share.renew.acknowledge.enable", "true"),
                                    set(
                                            "errors.deadletterqueue.topic.name",
                                            topics.name(Topic.TRAINING_QUEUE_DEAD_LETTERS)),
                                    set("errors.deadletterqueue.copy.record.enable", "true"))))
                    .all()
                    .get();
        }
    }

    private static AlterConfigOp set(String name, String value) {
        return new AlterConfigOp(new ConfigEntry(name, value), AlterConfigOp.OpType.SET);
    }
}

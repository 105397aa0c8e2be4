package io.lorica.kit.event;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import io.lorica.contracts.event.Topic;
import jakarta.inject.Singleton;
import org.apache.kafka.clients.admin.NewTopic;

/// The topics of this installation: their names on the broker and the settings they are created with.
@Singleton
public final class Topics {

    private static final String KEEP_FOR_EVER = "-1";
    private static final String DEAD_LETTERS = "dlq.";

    private final TopicsConfig config;
    private final int minimumInsyncReplicas;

    /// @param config how they are named and created
    /// @throws IllegalArgumentException if more copies are needed than there are
    public Topics(TopicsConfig config) {
        this.config = config;
        this.minimumInsyncReplicas = minimumInsyncReplicas(config);
    }

    /// The topic's name on the broker: the installation's prefix and the topic's own name. Dead letters have
    /// theirs in front of the prefix, because a broker writes them only to topics whose name begins with
    /// `dlq.`; to another one it writes nothing, and says nothing.
    public String name(Topic topic) {
        String prefix = config.prefix().orElse("");
        String name = topic.topicName();
        return name.startsWith(DEAD_LETTERS)
                ? DEAD_LETTERS + prefix + name.substring(DEAD_LETTERS.length())
                : prefix + name;
    }

    /// All topics as they are to be created.
    public List<NewTopic> definitions() {
        return Arrays.stream(Topic.values()).map(this::definition).toList();
    }

    private NewTopic definition(Topic topic) {
        return switch (topic) {
            case DATASETS, JOBS, JOB_CONTROL, ADAPTERS ->
                topic(topic, config.partitions(), Map.of("cleanup.policy", "compact", "segment.ms", "86400000"));
            case JOB_EVENTS ->
                topic(
                        topic,
                        config.partitions(),
                        Map.of("cleanup.policy", "delete", "retention.ms", jobEventRetention()));
            // One partition: a share group hands out single records, and one log keeps the order of
            // submission.
            case TRAINING_QUEUE -> topic(topic, 1, Map.of("cleanup.policy", "delete", "retention.ms", KEEP_FOR_EVER));
            case TRAINING_QUEUE_DEAD_LETTERS ->
                topic(
                        topic,
                        1,
                        Map.of(
                                "cleanup.policy",
                                "delete",
                                "retention.ms",
                                KEEP_FOR_EVER,
                                "errors.deadletterqueue.group.enable",
                                "true"));
        };
    }

    private NewTopic topic(Topic topic, int partitions, Map<String, String> settings) {
        Map<String, String> all = new TreeMap<>(settings);
        all.put("min.insync.replicas", Integer.toString(minimumInsyncReplicas));
        return new NewTopic(name(topic), partitions, config.replicationFactor()).configs(all);
    }

    // One copy may be away: the broker's own default of one would let the loss of a single disk lose a record.
    private static int minimumInsyncReplicas(TopicsConfig config) {
        int copies = config.replicationFactor();
        int needed = config.minInsyncReplicas().orElse(Math.max(1, copies - 1));
        if (needed < 1 || needed > copies) {
            throw new IllegalArgumentException("lorica.topics.min-insync-replicas is " + needed
                    + "; it must be from 1 to lorica.topics.replication-factor, which is " + copies + ".");
        }
        return needed;
    }

    private String jobEventRetention() {
        return config.jobEventRetention().isNegative()
                ? KEEP_FOR_EVER
                : Long.toString(config.jobEventRetention().toMillis());
    }
}

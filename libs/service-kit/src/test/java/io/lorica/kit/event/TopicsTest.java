package io.lorica.kit.event;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.stream.Collectors;

import io.lorica.contracts.event.Topic;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class TopicsTest {

    private static final TopicsConfig CONFIG = config((short) 3, OptionalInt.empty());

    private final Map<String, NewTopic> definitions =
            new Topics(CONFIG).definitions().stream().collect(Collectors.toMap(NewTopic::name, Function.identity()));

    @Test
    void definesEveryTopicUnderThePrefix() {
        assertThat(definitions).hasSize(Topic.values().length).allSatisfy((name, topic) -> {
            assertThat(name).containsPattern("^(dlq\\.)?acme\\.lorica\\.");
            assertThat(topic.replicationFactor()).isEqualTo((short) 3);
        });
    }

    @Test
    void compactsTheTopicsThatHoldState() {
        assertThat(definitions.get("acme.lorica.jobs").configs()).containsEntry("cleanup.policy", "compact");
        assertThat(definitions.get("acme.lorica.adapters").configs()).containsEntry("cleanup.policy", "compact");
    }

    @Test
    void keepsTheQueueInOneOrderAndForEver() {
        // When
        NewTopic queue = definitions.get("acme.lorica.training-queue");

        // Then
        assertThat(queue.numPartitions()).isEqualTo(1);
        assertThat(queue.configs()).containsEntry("retention.ms", "-1");
    }

    @Test
    void letsTheDeadLetterTopicTakeLettersOfAShareGroup() {
        assertThat(definitions.get("dlq.acme.lorica.training-queue").configs())
                .containsEntry("errors.deadletterqueue.group.enable", "true");
    }

    @Test
    void needsAllCopiesButOneByDefault() {
        assertThat(definitions.values())
                .allSatisfy(topic -> assertThat(topic.configs()).containsEntry("min.insync.replicas", "2"));
        assertThat(minimumInsyncReplicas(1, OptionalInt.empty())).isEqualTo("1");
        assertThat(minimumInsyncReplicas(2, OptionalInt.empty())).isEqualTo("1");
        assertThat(minimumInsyncReplicas(3, OptionalInt.of(3))).isEqualTo("3");
    }

    @Test
    void refusesToNeedMoreCopiesThanThereAre() {
        assertThatThrownBy(() -> minimumInsyncReplicas(1, OptionalInt.of(2)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("lorica.topics.min-insync-replicas is 2");
    }

    @Test
    void keepsJobEventsAsLongAsConfigured() {
        assertThat(definitions.get("acme.lorica.job-events").configs()).containsEntry("retention.ms", "2592000000");
    }

    private static String minimumInsyncReplicas(int copies, OptionalInt needed) {
        return new Topics(config((short) copies, needed))
                .definitions()
                .getFirst()
                .configs()
                .get("min.insync.replicas");
    }

    private static TopicsConfig config(short copies, OptionalInt needed) {
        return new TopicsConfig() {
            @Override
            public Optional<String> prefix() {
                return Optional.of("acme.");
            }

            @Override
            public short replicationFactor() {
                return copies;
            }

            @Override
            public OptionalInt minInsyncReplicas() {
                return needed;
            }

            @Override
            public int partitions() {
                return 6;
            }

            @Override
            public Duration jobEventRetention() {
                return Duration.ofDays(30);
            }
        };
    }
}

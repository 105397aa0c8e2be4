package io.lorica.kit.event;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/// How topics are named and created.
@ConfigMapping(prefix = "lorica.topics")
public interface TopicsConfig {

    /// Text in front of every topic's name, so that several installations can share a broker; nothing by
    /// default.
    Optional<String> prefix();

    /// Copies of each partition. One broker can hold one; production wants three.
    @WithDefault("1")
    short replicationFactor();

    /// Copies that must have a record before it counts as written. By default one fewer than `replication-factor`, and
    /// at least one.
    OptionalInt minInsyncReplicas();

    /// Partitions of each topic that does not need a fixed number.
    @WithDefault("4")
    int partitions();

    /// How long job events are kept; negative is for ever.
    @WithDefault("-1s")
    Duration jobEventRetention();
}

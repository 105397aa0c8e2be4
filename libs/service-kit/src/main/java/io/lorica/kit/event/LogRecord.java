package io.lorica.kit.event;

import io.lorica.contracts.event.Topic;
import org.jspecify.annotations.Nullable;

/// A record to append to a topic. Immutable by convention: nobody changes the bytes after construction.
public final class LogRecord {

    private final Topic topic;
    private final String key;
    private final byte @Nullable [] value;

    private LogRecord(Topic topic, String key, byte @Nullable [] value) {
        this.topic = topic;
        this.key = key;
        this.value = value;
    }

    /// A record with a value.
    public static LogRecord of(Topic topic, String key, byte[] value) {
        return new LogRecord(topic, key, value);
    }

    /// A tombstone: compaction forgets the key.
    public static LogRecord tombstone(Topic topic, String key) {
        return new LogRecord(topic, key, null);
    }

    /// The topic to append to.
    public Topic topic() {
        return topic;
    }

    /// The record's key.
    public String key() {
        return key;
    }

    byte @Nullable [] value() {
        return value;
    }
}

package io.lorica.contracts.event;

import java.util.Arrays;
import java.util.Optional;

/// The type of an event: its versioned wire name, the record that holds its data and the topic that carries it.
public enum EventType {
    DATASET_PUBLISHED("io.lorica.dataset-published.v1", DomainEvent.DatasetPublished.class, Topic.DATASETS),
    DATASET_REJECTED("io.lorica.dataset-rejected.v1", DomainEvent.DatasetRejected.class, Topic.DATASETS),
    JOB_SUBMITTED("io.lorica.job-submitted.v1", DomainEvent.JobSubmitted.class, Topic.JOB_EVENTS),
    JOB_STARTED("io.lorica.job-started.v1", DomainEvent.JobStarted.class, Topic.JOB_EVENTS),
    MEMORY_REPORTED("io.lorica.memory-reported.v1", DomainEvent.MemoryReported.class, Topic.JOB_EVENTS),
    JOB_PROGRESSED("io.lorica.job-progressed.v1", DomainEvent.JobProgressed.class, Topic.JOB_EVENTS),
    CHECKPOINT_SAVED("io.lorica.checkpoint-saved.v1", DomainEvent.CheckpointSaved.class, Topic.JOB_EVENTS),
    MERGE_JUDGED("io.lorica.merge-judged.v1", DomainEvent.MergeJudged.class, Topic.JOB_EVENTS),
    GGUF_JUDGED("io.lorica.gguf-judged.v1", DomainEvent.GgufJudged.class, Topic.JOB_EVENTS),
    JOB_SUCCEEDED("io.lorica.job-succeeded.v1", DomainEvent.JobSucceeded.class, Topic.JOB_EVENTS),
    JOB_FAILED("io.lorica.job-failed.v1", DomainEvent.JobFailed.class, Topic.JOB_EVENTS),
    JOB_CANCELLED("io.lorica.job-cancelled.v1", DomainEvent.JobCancelled.class, Topic.JOB_EVENTS),
    PREPARATION_PROGRESSED(
            "io.lorica.preparation-progressed.v1", DomainEvent.PreparationProgressed.class, Topic.JOB_EVENTS),
    JOB_DELAYED("io.lorica.job-delayed.v1", DomainEvent.JobDelayed.class, Topic.JOB_EVENTS),
    JOB_INTERRUPTED("io.lorica.job-interrupted.v1", DomainEvent.JobInterrupted.class, Topic.JOB_EVENTS),
    JOB_WARNED("io.lorica.job-warned.v1", DomainEvent.JobWarned.class, Topic.JOB_EVENTS),
    JOB_RESUMED("io.lorica.job-resumed.v1", DomainEvent.JobResumed.class, Topic.JOB_EVENTS),
    ADAPTER_PUBLISHED("io.lorica.adapter-published.v1", DomainEvent.AdapterPublished.class, Topic.ADAPTERS),
    ADAPTER_RETIRED("io.lorica.adapter-retired.v1", DomainEvent.AdapterRetired.class, Topic.ADAPTERS);

    private final String wireName;
    private final Class<? extends DomainEvent> data;
    private final Topic topic;

    EventType(String wireName, Class<? extends DomainEvent> data, Topic topic) {
        this.wireName = wireName;
        this.data = data;
        this.topic = topic;
    }

    /// The CloudEvents `type`.
    public String wireName() {
        return wireName;
    }

    /// The record that the CloudEvents `data` decodes to.
    public Class<? extends DomainEvent> data() {
        return data;
    }

    /// The topic that carries events of this type.
    public Topic topic() {
        return topic;
    }

    /// The type of that wire name; empty for types of newer versions, which readers skip.
    public static Optional<EventType> of(String wireName) {
        return Arrays.stream(values())
                .filter(type -> type.wireName.equals(wireName))
                .findFirst();
    }

    /// The type of an event.
    public static EventType of(DomainEvent event) {
        return switch (event) {
            case DomainEvent.DatasetPublished _ -> DATASET_PUBLISHED;
            case DomainEvent.DatasetRejected _ -> DATASET_REJECTED;
            case DomainEvent.JobSubmitted _ -> JOB_SUBMITTED;
            case DomainEvent.JobStarted _ -> JOB_STARTED;
            case DomainEvent.MemoryReported _ -> MEMORY_REPORTED;
            case DomainEvent.JobProgressed _ -> JOB_PROGRESSED;
            case DomainEvent.CheckpointSaved _ -> CHECKPOINT_SAVED;
            case DomainEvent.MergeJudged _ -> MERGE_JUDGED;
            case DomainEvent.GgufJudged _ -> GGUF_JUDGED;
            case DomainEvent.JobSucceeded _ -> JOB_SUCCEEDED;
            case DomainEvent.JobFailed _ -> JOB_FAILED;
            case DomainEvent.JobCancelled _ -> JOB_CANCELLED;
            case DomainEvent.PreparationProgressed _ -> PREPARATION_PROGRESSED;
            case DomainEvent.JobDelayed _ -> JOB_DELAYED;
            case DomainEvent.JobInterrupted _ -> JOB_INTERRUPTED;
            case DomainEvent.JobWarned _ -> JOB_WARNED;
            case DomainEvent.JobResumed _ -> JOB_RESUMED;
            case DomainEvent.AdapterPublished _ -> ADAPTER_PUBLISHED;
            case DomainEvent.AdapterRetired _ -> ADAPTER_RETIRED;
        };
    }
}

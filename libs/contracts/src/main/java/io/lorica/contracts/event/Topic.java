package io.lorica.contracts.event;

/// The Kafka topics of the suite. How each is created is in the service kit; the meaning is in
/// `docs/events.md`.
public enum Topic {
    /// What became of the files of each job, keyed by the job that asked; compacted.
    DATASETS("lorica.datasets"),
    /// Everything that happens to jobs, in order for each job; kept for ever by default.
    JOB_EVENTS("lorica.job-events"),
    /// The latest state of each job, keyed by job; compacted. Private to the trainers.
    JOBS("lorica.jobs"),
    /// What users asked of jobs, keyed by job; compacted. Private to the trainers.
    JOB_CONTROL("lorica.job-control"),
    /// Jobs that wait for a GPU, read by a share group. Private to the trainers.
    TRAINING_QUEUE("lorica.training-queue"),
    /// Queue entries that no trainer could finish. Private to the trainers.
    TRAINING_QUEUE_DEAD_LETTERS("dlq.lorica.training-queue"),
    /// Adapters, keyed by adapter; compacted.
    ADAPTERS("lorica.adapters");

    private final String topicName;

    Topic(String topicName) {
        this.topicName = topicName;
    }

    /// The topic's name on the broker.
    public String topicName() {
        return topicName;
    }
}

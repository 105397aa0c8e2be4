package io.lorica.trainer.config;

import java.nio.file.Path;
import java.time.Duration;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/// Settings of the trainer service.
@ConfigMapping(prefix = "lorica.trainer")
public interface TrainerConfig {

    /// Whether this process trains; without, it only answers requests.
    @WithDefault("true")
    boolean worker();

    /// Directory for what a running job needs on disk: its dataset, its checkpoints until they are in the
    /// store.
    @WithDefault("${java.io.tmpdir}/lorica-trainer")
    Path workDirectory();

    /// Share group of all trainers that work on the same queue.
    @WithDefault("lorica-trainers")
    String group();

    /// How long a job stays with a trainer that no longer says that it lives. The broker's
    /// `group.share.max.record.lock.duration.ms` must allow it.
    @WithDefault("60s")
    Duration lock();

    /// How often a trainer says that it lives; a third of the lock is right.
    @WithDefault("20s")
    Duration renewEvery();

    /// How many attempts in a row may end without a new checkpoint before the job counts as failed.
    @WithDefault("5")
    int maxAttempts();

    /// The organization in the names of models and in the jobs.
    @WithDefault("lorica")
    String organization();

    /// Longest pause between two tries to reach a store or a broker that is away.
    @WithDefault("30s")
    Duration longestRetryPause();

    /// How long a job may make no progress - no micro-batch, row, byte or wait that its events tell of - before it is
    /// given up (`stalled`) and its trainer starts again.
    @WithDefault("30m")
    Duration stallLimit();

    /// How long a job that is cancelled may make no progress before its trainer ends it without waiting for it, and
    /// again before the process ends itself so that the queue moves on.
    @WithDefault("20s")
    Duration releaseWithin();

    /// How long a trainer that is told to stop may take to save the last finished step and hand its job back. Whatever
    /// stops the process must wait longer: `./lorica down`, `terminationGracePeriodSeconds`.
    @WithDefault("240s")
    Duration stopGrace();
}

package io.lorica.trainer.job;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

import io.lorica.contracts.id.JobId;
import jakarta.inject.Singleton;

/// All jobs as this process knows them, and which of them users asked to stop. Filled from the journal; safe
/// for many threads.
@Singleton
public final class JobCatalog {

    private final Map<JobId, Job> jobs = new ConcurrentHashMap<>();
    private final Map<JobId, Integer> stopped = new ConcurrentHashMap<>();

    /// Takes a job as the journal has it. What comes from an older attempt is dropped, and no job goes back in
    /// its life: a decision of this process is known here before the journal, with what came before it, has
    /// been read.
    public void apply(Job job) {
        jobs.merge(job.id(), job, (known, next) -> next.supersedes(known) ? next : known);
    }

    /// Notes that a user asked to stop a job.
    ///
    /// @param resumptions how often the job had been resumed by then; it can be resumed again
    public void requestStop(JobId job, int resumptions) {
        stopped.merge(job, resumptions, Math::max);
    }

    /// Tells whether a user asked to stop the job, and has not resumed it since.
    public boolean stopRequested(JobId job) {
        Integer asked = stopped.get(job);
        return asked != null
                && find(job)
                        .filter(known ->
                                known.lacksExports() || known.resumption().count() > asked)
                        .isEmpty();
    }

    /// The job, if it is known.
    public Optional<Job> find(JobId job) {
        return Optional.ofNullable(jobs.get(job));
    }

    /// All jobs, the newest first.
    public List<Job> newestFirst() {
        return jobs.values().stream()
                .sorted(Comparator.comparing(Job::createdAt)
                        .thenComparing(job -> job.id().value())
                        .reversed())
                .toList();
    }
}

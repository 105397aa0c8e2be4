package io.lorica.trainer.api;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.event.DomainEvent;
import io.lorica.contracts.event.EventEnvelope;
import io.lorica.contracts.id.BaseModelId;
import io.lorica.contracts.id.JobId;
import io.lorica.contracts.id.ModelName;
import io.lorica.contracts.job.JobSpec;
import io.lorica.contracts.job.StepMetrics;
import io.lorica.kit.http.Caller;
import io.lorica.kit.http.Limits;
import io.lorica.models.ModelAccess;
import io.lorica.trainer.job.Job;
import io.lorica.trainer.job.JobCatalog;
import io.lorica.trainer.job.JobHistory;
import io.lorica.trainer.job.JobState;
import io.lorica.trainer.journal.JobJournal;
import io.lorica.trainer.journal.JournalReader;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.UriInfo;
import org.jspecify.annotations.Nullable;

/// Fine-tuning jobs: submit, look, cancel, resume.
@Path("/v1/fine_tuning/jobs")
@RunOnVirtualThread
public class FineTuningResource {

    private static final Duration VIEW_PATIENCE = Duration.ofSeconds(10);
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(3);
    private static final Duration STOP_POLL = Duration.ofMillis(100);
    private static final int DEFAULT_LIMIT = 20;
    private static final int DEFAULT_CHECKPOINT_LIMIT = 10;
    private static final int HIGHEST_LIMIT = 1000;

    private final JobRequestReader requests;
    private final JobCatalog catalog;
    private final JobHistory history;
    private final JobJournal journal;
    private final JournalReader reader;
    private final JobSubmission submission;
    private final JobResumption resumption;
    private final Caller caller;
    private final ModelAccess access;
    private final Clock clock = Clock.systemUTC();

    FineTuningResource(
            JobRequestReader requests,
            JobCatalog catalog,
            JobHistory history,
            JobJournal journal,
            JournalReader reader,
            JobSubmission submission,
            JobResumption resumption,
            Caller caller,
            ModelAccess access) {
        this.requests = requests;
        this.catalog = catalog;
        this.history = history;
        this.journal = journal;
        this.reader = reader;
        this.submission = submission;
        this.resumption = resumption;
        this.caller = caller;
        this.access = access;
    }

    /// Submits a job; a copy of a request gets the job of the first.
    @POST
    public JobView create(
            @Nullable JobRequest request,
            @HeaderParam("Idempotency-Key") @Nullable String idempotencyKey,
            @HeaderParam("X-Stainless-Retry-Count") @DefaultValue("0") String retryCount) {
        if (request == null) {
            throw ProductException.of(
                    ErrorCode.INVALID_JSON,
                    "The request has no body. Send a JSON object with model and training_file.");
        }
        if (request.model() != null
                && BaseModelId.matches(request.model())
                && ModelName.parse(request.model()) instanceof ModelName.Base base) {
            access.require(base.model(), caller.shared());
        }
        boolean shared = caller.shared();
        JobSpec spec = requests.read(request, caller.owner(), model -> access.require(model, shared));
        return view(submission.submit(spec, request.seedChosen(), idempotencyKey, !retryCount.equals("0")));
    }

    /// All jobs, the newest first.
    @GET
    public Page<JobView> list(
            @QueryParam("limit") @Nullable String limit,
            @QueryParam("after") @Nullable String after,
            @Context UriInfo uri) {
        reader.requireCaughtUp();
        List<JobView> jobs = catalog.newestFirst().stream()
                .filter(this::mine)
                .filter(job -> matches(job, uri))
                .map(this::view)
                .toList();
        return Page.of(jobs, JobView::id, after, limit(limit, DEFAULT_LIMIT));
    }

    /// One job.
    @GET
    @Path("{id}")
    public JobView get(@PathParam("id") String id) {
        return view(job(id));
    }

    /// Stops a job; what it has learned so far remains as a checkpoint.
    @POST
    @Path("{id}/cancel")
    public JobView cancel(@PathParam("id") String id) {
        Job job = job(id);
        if (job.state().finished()) {
            throw ProductException.of(
                    ErrorCode.JOB_NOT_CANCELLABLE,
                    "The job " + id + " has already ended (" + job.state().wireName()
                            + "); there is nothing to cancel.");
        }
        journal.requestStop(job);
        if (!(job.state() instanceof JobState.Running)) {
            job.cancelled(job.attempt(), 0, clock.instant()).ifPresent(journal::append);
        }
        return view(awaitEnd(job));
    }

    // Most trainers stop within a moment; one in the middle of a long batch does not, and then the job still runs.
    private Job awaitEnd(Job job) {
        Instant end = clock.instant().plus(STOP_PATIENCE);
        Job current = catalog.find(job.id()).orElse(job);
        while (!current.state().finished() && clock.instant().isBefore(end)) {
            try {
                Thread.sleep(STOP_POLL);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return current;
            }
            current = catalog.find(job.id()).orElse(job);
        }
        return current;
    }

    /// Has a job go on that had ended: from its last checkpoint where it failed or was cancelled; where it succeeded,
    /// to
    /// make files that it was asked for beside its adapter and that could not be written.
    @POST
    @Path("{id}/resume")
    public JobView resume(@PathParam("id") String id) {
        Job job = job(id);
        if (job.lacksExports()) {
            journal.queueAgain(job.id());
            return view(job);
        }
        journal.append(resumption.of(job));
        return view(catalog.find(job.id()).orElse(job));
    }

    /// What happened to a job, the newest first.
    @GET
    @Path("{id}/events")
    public Page<EventView> events(
            @PathParam("id") String id,
            @QueryParam("limit") @Nullable String limit,
            @QueryParam("after") @Nullable String after) {
        Job job = job(id);
        List<EventView> events =
                history.of(job.id()).stream().flatMap(EventView::of).toList().reversed();
        return Page.of(events, EventView::id, after, limit(limit, DEFAULT_LIMIT));
    }

    /// A job's checkpoints, the newest first.
    @GET
    @Path("{id}/checkpoints")
    public Page<CheckpointView> checkpoints(
            @PathParam("id") String id,
            @QueryParam("limit") @Nullable String limit,
            @QueryParam("after") @Nullable String after) {
        Job job = job(id);
        List<CheckpointView> checkpoints = history.checkpoints(job.id()).reversed().sequencedValues().stream()
                .flatMap(FineTuningResource::checkpoint)
                .toList();
        return Page.of(checkpoints, CheckpointView::id, after, limit(limit, DEFAULT_CHECKPOINT_LIMIT))
                .withEnds(CheckpointView::id);
    }

    private static Stream<CheckpointView> checkpoint(EventEnvelope<?> event) {
        return event.data() instanceof DomainEvent.CheckpointSaved saved
                ? Stream.of(CheckpointView.of(event, saved))
                : Stream.empty();
    }

    // Another trainer may have written it a moment ago.
    private Job job(String text) {
        Optional<JobId> id = JobId.matches(text) ? Optional.of(new JobId(text)) : Optional.empty();
        return id.flatMap(catalog::find)
                .or(() -> id.flatMap(this::findWhenCaughtUp))
                .filter(this::mine)
                .orElseThrow(() -> ProductException.forParameter(
                        ErrorCode.JOB_NOT_FOUND,
                        "fine_tuning_job_id",
                        "There is no fine-tuning job '" + text + "'. GET /v1/fine_tuning/jobs lists all jobs."));
    }

    private boolean mine(Job job) {
        return job.spec().owner().equals(caller.owner());
    }

    private Optional<Job> findWhenCaughtUp(JobId id) {
        if (!reader.awaitNow(VIEW_PATIENCE)) {
            throw reader.behind();
        }
        return catalog.find(id);
    }

    private JobView view(Job job) {
        return JobView.of(job, estimatedFinish(job));
    }

    private @Nullable Long estimatedFinish(Job job) {
        if (!(job.state() instanceof JobState.Running running)) {
            return null;
        }
        Map.Entry<Integer, StepMetrics> last = history.metrics(job.id()).lastEntry();
        if (last == null || last.getKey() < 2) {
            return null;
        }
        Instant now = clock.instant();
        double secondsPerStep = Duration.between(running.startedAt(), now).toMillis() / 1000.0 / last.getKey();
        return now.getEpochSecond() + Math.round(secondsPerStep * (running.totalSteps() - last.getKey()));
    }

    private static boolean matches(Job job, UriInfo uri) {
        return uri.getQueryParameters().entrySet().stream().allMatch(entry -> {
            String name = entry.getKey();
            String wanted = entry.getValue().getFirst();
            if (name.equals("metadata")) {
                return job.spec().metadata().isEmpty();
            }
            if (name.startsWith("metadata[") && name.endsWith("]")) {
                return wanted.equals(job.spec().metadata().get(name.substring(9, name.length() - 1)));
            }
            return true;
        });
    }

    private static int limit(@Nullable String text, int absent) {
        return Limits.read(text, absent, HIGHEST_LIMIT);
    }
}

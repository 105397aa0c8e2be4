package io.lorica.trainer.api;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.id.JobId;
import io.lorica.contracts.id.Owner;
import io.lorica.contracts.job.JobSpec;
import io.lorica.storage.Digests;
import io.lorica.trainer.config.TrainerConfig;
import io.lorica.trainer.job.Decision;
import io.lorica.trainer.job.Job;
import io.lorica.trainer.job.JobCatalog;
import io.lorica.trainer.journal.JobJournal;
import io.lorica.trainer.journal.JournalReader;
import jakarta.inject.Singleton;
import org.jspecify.annotations.Nullable;

/// Takes a submission once, however often it arrives: OpenAI's clients send a POST again when its answer got
/// lost.
///
/// A request with an `Idempotency-Key` makes a job whose id follows from the key. One without, that its client
/// marks as a repetition, is the job with equal parameters of the last minute, where there is one.
@Singleton
public final class JobSubmission {

    private static final Duration REPETITION_WINDOW = Duration.ofSeconds(60);
    private static final Duration VIEW_PATIENCE = Duration.ofSeconds(3);
    private static final int ID_LENGTH = 24;

    private final JobCatalog catalog;
    private final JobJournal journal;
    private final JournalReader reader;
    private final TrainerConfig config;
    private final Clock clock = Clock.systemUTC();

    JobSubmission(JobCatalog catalog, JobJournal journal, JournalReader reader, TrainerConfig config) {
        this.catalog = catalog;
        this.journal = journal;
        this.reader = reader;
        this.config = config;
    }

    /// Submits a job, or finds the one that an earlier copy of the request has made.
    ///
    /// @param seedChosen whether the request names the seed; a drawn one differs from copy to copy
    /// @param idempotencyKey the client's own name of the request, null for none
    /// @param repetition whether the client says that it has sent the request before
    Job submit(JobSpec spec, boolean seedChosen, @Nullable String idempotencyKey, boolean repetition) {
        Optional<JobId> named = Optional.ofNullable(idempotencyKey).map(key -> idOf(spec.owner(), key));
        if (named.isPresent() || repetition) {
            reader.awaitNow(VIEW_PATIENCE);
            Optional<Job> known = named.flatMap(id -> sameOrRefused(id, spec, seedChosen))
                    .or(() -> repetition ? recent(spec, seedChosen) : Optional.empty());
            if (known.isPresent()) {
                return known.get();
            }
        }
        Decision decision = Job.submit(named.orElseGet(JobId::random), spec, config.organization(), clock.instant());
        journal.append(decision);
        return decision.job();
    }

    // Of the caller too: the same key in the hands of two callers names two requests.
    private JobId idOf(Owner owner, String idempotencyKey) {
        byte[] text = (config.organization() + "\n" + owner + "\n" + idempotencyKey).getBytes(StandardCharsets.UTF_8);
        return new JobId("ftjob-" + Digests.sha256(text).substring(0, ID_LENGTH));
    }

    private Optional<Job> sameOrRefused(JobId id, JobSpec spec, boolean seedChosen) {
        Optional<Job> known = catalog.find(id);
        if (known.filter(job -> !same(job.spec(), spec, seedChosen)).isPresent()) {
            throw ProductException.forParameter(
                    ErrorCode.INVALID_REQUEST,
                    "Idempotency-Key",
                    "This Idempotency-Key belongs to the job " + id
                            + ", which has other parameters. Use a new key for a new job.");
        }
        return known;
    }

    private Optional<Job> recent(JobSpec spec, boolean seedChosen) {
        Instant earliest = clock.instant().minus(REPETITION_WINDOW);
        return catalog.newestFirst().stream()
                .takeWhile(job -> job.createdAt().isAfter(earliest))
                .filter(job -> same(job.spec(), spec, seedChosen))
                .findFirst();
    }

    private static boolean same(JobSpec known, JobSpec asked, boolean seedChosen) {
        return known.equals(seedChosen ? asked : asked.withSeed(known.seed()));
    }
}

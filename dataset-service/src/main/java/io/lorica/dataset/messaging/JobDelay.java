package io.lorica.dataset.messaging;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.function.Consumer;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.event.DomainEvent;
import io.lorica.contracts.event.DomainEvent.JobDelayed;
import io.lorica.contracts.id.JobId;
import io.lorica.kit.retry.Retry;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// The wait of one job's files for a disk, the store or the broker. The job's events tell of it when it begins, when
/// its
/// cause changes and when it is over, as far as the broker can be reached. For one thread.
final class JobDelay implements Retry.Wait {

    private static final Logger LOG = Logger.getLogger(JobDelay.class);
    // No attempt has begun while the files are prepared.
    private static final int NO_ATTEMPT = 0;

    private final JobId job;
    private final String doing;
    private final Consumer<DomainEvent> events;
    private final Clock clock;
    private @Nullable JobDelayed told;
    private @Nullable Instant since;

    /// @param doing what waits
    JobDelay(JobId job, String doing, Consumer<DomainEvent> events, Clock clock) {
        this.job = job;
        this.doing = doing;
        this.events = events;
        this.clock = clock;
    }

    @Override
    public boolean begins(ProductException failure, Duration pause) {
        LOG.warnf("will try again %s jobId=%s cause=%s pause=%s", doing, job, failure.detail(), pause);
        Instant began = since == null ? now() : since;
        since = began;
        if (told == null || told.code() != failure.code()) {
            tell(delayed(failure.code(), failure.detail(), began, null));
        }
        return true;
    }

    @Override
    public void over() {
        if (told != null) {
            tell(delayed(told.code(), told.message(), told.since(), now()));
        }
    }

    private JobDelayed delayed(ErrorCode code, String message, Instant began, @Nullable Instant until) {
        return new JobDelayed(job, NO_ATTEMPT, doing, code, message, began, until);
    }

    // What cannot be told now is told at the next try.
    private void tell(JobDelayed delay) {
        try {
            events.accept(delay);
            told = delay;
        } catch (ProductException e) {
            LOG.warnf("wait not told jobId=%s cause=%s", job, e.detail());
        }
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MILLIS);
    }
}

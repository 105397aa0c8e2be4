package io.lorica.dataset.messaging;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Supplier;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.event.DomainEvent;
import io.lorica.contracts.event.DomainEvent.JobDelayed;
import io.lorica.contracts.id.JobId;
import io.lorica.kit.retry.Retry;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class JobDelayTest {

    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final ProductException FULL =
            ProductException.of(ErrorCode.OUT_OF_DISK, "The disk of /work is full.");
    private static final ProductException AWAY = ProductException.of(ErrorCode.STORE_UNAVAILABLE, "The store is away.");

    private final JobId job = JobId.random();
    private final List<DomainEvent> told = new ArrayList<>();
    private final JobDelay delay =
            new JobDelay(job, "preparing the files", told::add, Clock.fixed(NOW, ZoneOffset.UTC));
    private final Retry retry = new Retry(Duration.ofMillis(1), Duration.ofMillis(2));

    @Test
    void tellsOfAWaitOnceAndOfItsEnd() throws InterruptedException {
        // When
        String result = retry.call(delay, failing(FULL, FULL, FULL));

        // Then
        assertThat(result).isEqualTo("done");
        assertThat(told).containsExactly(waiting(FULL, null), waiting(FULL, NOW));
    }

    @Test
    void tellsAgainWhenTheCauseChanges() throws InterruptedException {
        // When
        retry.call(delay, failing(FULL, AWAY, AWAY));

        // Then
        assertThat(told).containsExactly(waiting(FULL, null), waiting(AWAY, null), waiting(AWAY, NOW));
    }

    @Test
    void isSilentWhereNothingWaits() throws InterruptedException {
        // When
        retry.call(delay, failing());

        // Then
        assertThat(told).isEmpty();
    }

    @Test
    void tellsLaterWhatTheBrokerDoesNotTake() throws InterruptedException {
        // Given
        Iterator<ProductException> refusals = List.of(AWAY).iterator();
        JobDelay offline = new JobDelay(
                job,
                "preparing the files",
                event -> {
                    if (refusals.hasNext()) {
                        throw refusals.next();
                    }
                    told.add(event);
                },
                Clock.fixed(NOW, ZoneOffset.UTC));

        // When
        retry.call(offline, failing(FULL, FULL));

        // Then
        assertThat(told).containsExactly(waiting(FULL, null), waiting(FULL, NOW));
    }

    private JobDelayed waiting(ProductException failure, Instant until) {
        return new JobDelayed(job, 0, "preparing the files", failure.code(), failure.detail(), NOW, until);
    }

    private static Supplier<String> failing(ProductException... failures) {
        Iterator<ProductException> left = List.of(failures).iterator();
        return () -> {
            if (left.hasNext()) {
                throw left.next();
            }
            return "done";
        };
    }
}

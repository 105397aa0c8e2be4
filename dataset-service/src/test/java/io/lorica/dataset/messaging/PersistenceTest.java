package io.lorica.dataset.messaging;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

class PersistenceTest {

    private final Persistence persistence = new Persistence(Duration.ofMillis(1), Duration.ofMillis(2));
    private final AtomicInteger attempts = new AtomicInteger();

    @Test
    void triesAgainUntilTheStoreIsBack() throws InterruptedException {
        // When
        int result = persistence.insist("test", () -> {
            if (attempts.incrementAndGet() < 5) {
                throw ProductException.of(ErrorCode.STORE_UNAVAILABLE, "The store is away.");
            }
            return attempts.get();
        });

        // Then
        assertThat(result).isEqualTo(5);
    }

    @Test
    void doesNotRepeatWhatCannotSucceed() {
        // When
        ProductException failure = catchThrowableOfType(
                ProductException.class,
                () -> persistence.insist("test", () -> {
                    attempts.incrementAndGet();
                    throw ProductException.of(ErrorCode.DIGEST_MISMATCH, "The file is damaged.");
                }));

        // Then
        assertThat(failure.code()).isEqualTo(ErrorCode.DIGEST_MISMATCH);
        assertThat(attempts).hasValue(1);
    }

    @Test
    void endsWhenTheServiceStops() throws InterruptedException {
        // Given
        Persistence patient = new Persistence(Duration.ofHours(1), Duration.ofHours(1));
        Thread waiting = Thread.ofVirtual().start(() -> {
            try {
                patient.insist("test", () -> {
                    attempts.incrementAndGet();
                    throw ProductException.of(ErrorCode.BROKER_UNAVAILABLE, "The broker is away.");
                });
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });

        // When
        waiting.interrupt();

        // Then
        assertThat(waiting.join(Duration.ofMinutes(2))).isTrue();
    }
}

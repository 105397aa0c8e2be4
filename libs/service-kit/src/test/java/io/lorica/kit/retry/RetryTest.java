package io.lorica.kit.retry;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class RetryTest {

    private final Retry retry = new Retry(Duration.ofMillis(1), Duration.ofMillis(4));
    private final AtomicInteger tries = new AtomicInteger();
    private final Waits waits = new Waits();

    @Test
    void triesUntilTheFailureHasPassedWithPausesThatDouble() throws InterruptedException {
        // When
        int result = retry.call(waits, () -> failing(4, ErrorCode.OUT_OF_DISK));

        // Then
        assertThat(result).isEqualTo(5);
        assertThat(waits.pauses)
                .containsExactly(
                        Duration.ofMillis(1), Duration.ofMillis(2), Duration.ofMillis(4), Duration.ofMillis(4));
        assertThat(waits.over).isEqualTo(1);
    }

    @Test
    void saysNothingWhereNothingFails() throws InterruptedException {
        // When
        retry.call(waits, () -> failing(0, ErrorCode.OUT_OF_DISK));

        // Then
        assertThat(waits.pauses).isEmpty();
        assertThat(waits.over).isZero();
    }

    @Test
    void doesNotRepeatWhatDoesNotPass() {
        assertThatThrownBy(() -> retry.call(waits, () -> failing(9, ErrorCode.OUT_OF_MEMORY)))
                .isInstanceOf(ProductException.class);
        assertThat(tries).hasValue(1);
    }

    @Test
    void endsAWaitThatIsNoLongerWanted() {
        // Given
        waits.most = 2;

        // When
        assertThatThrownBy(() -> retry.call(waits, () -> failing(9, ErrorCode.STORE_UNAVAILABLE)))
                .isInstanceOf(ProductException.class);

        // Then
        assertThat(tries).hasValue(3);
    }

    private int failing(int times, ErrorCode code) {
        if (tries.incrementAndGet() <= times) {
            throw ProductException.of(code, "not now");
        }
        return tries.get();
    }

    private static final class Waits implements Retry.Wait {

        private final List<Duration> pauses = new ArrayList<>();
        private int most = Integer.MAX_VALUE;
        private int over;

        @Override
        public boolean begins(ProductException failure, Duration pause) {
            if (pauses.size() == most) {
                return false;
            }
            pauses.add(pause);
            return true;
        }

        @Override
        public void over() {
            over++;
        }
    }
}

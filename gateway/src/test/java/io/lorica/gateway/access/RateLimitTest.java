package io.lorica.gateway.access;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

import io.lorica.gateway.config.GatewayConfig;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class RateLimitTest {

    private final AtomicLong clock = new AtomicLong();

    @Test
    void letsABurstThroughAndThenOnePerRefill() {
        // Given
        RateLimit limit = new RateLimit(new FixedRate(60, 2), clock::get);
        limit.take("anna");
        limit.take("anna");

        // When
        Duration atOnce = limit.take("anna");
        clock.addAndGet(Duration.ofSeconds(1).toNanos());
        Duration aSecondLater = limit.take("anna");

        // Then
        assertThat(atOnce).isEqualTo(Duration.ofSeconds(1));
        assertThat(aSecondLater).isZero();
    }

    @Test
    void countsEachCallerAlone() {
        // Given
        RateLimit limit = new RateLimit(new FixedRate(1, 1), clock::get);
        limit.take("anna");

        // When
        Duration other = limit.take("bert");

        // Then
        assertThat(other).isZero();
    }

    @Test
    void fillsNoFurtherThanTheBurst() {
        // Given
        RateLimit limit = new RateLimit(new FixedRate(60, 1), clock::get);
        limit.take("anna");
        clock.addAndGet(Duration.ofHours(1).toNanos());
        limit.take("anna");

        // When
        Duration second = limit.take("anna");

        // Then
        assertThat(second).isPositive();
    }

    @Test
    void isOffAtZero() {
        // Given
        RateLimit limit = new RateLimit(new FixedRate(0, 1), clock::get);
        limit.take("anna");

        // When
        Duration second = limit.take("anna");

        // Then
        assertThat(second).isZero();
    }

    @Test
    void refusesAnImpossibleRate() {
        assertThatThrownBy(() -> new RateLimit(new FixedRate(1, 0), clock::get)).hasMessageContaining("burst");
    }

    private record FixedRate(int requestsPerMinute, int burst) implements GatewayConfig.Rate {}
}

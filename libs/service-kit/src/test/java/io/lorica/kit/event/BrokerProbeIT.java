package io.lorica.kit.event;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;

import io.lorica.testkit.LoricaPlatform;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class BrokerProbeIT {

    /// For a broker that is there, however busy the machine is.
    private static final Duration LONG = Duration.ofMinutes(1);

    /// For one that will not come.
    private static final Duration SHORT = Duration.ofSeconds(2);

    @Test
    void reachesABrokerThatIsThere() {
        // Given
        String servers = new LoricaPlatform().start().get("kafka.bootstrap.servers");

        // When
        try (BrokerProbe probe = new BrokerProbe(() -> servers, LONG)) {
            // Then
            assertThat(probe.reachable()).isTrue();
            assertThat(probe.reachable()).isTrue();
        }
    }

    @Test
    void reachesNoneWhereNobodyListens() throws IOException {
        // Given
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }

        // When
        try (BrokerProbe probe = new BrokerProbe(() -> "127.0.0.1:" + port, SHORT)) {
            // Then
            assertThat(probe.reachable()).isFalse();
        }
    }

    @Test
    void reachesNoneWhoseNameNobodyKnows() {
        // When
        try (BrokerProbe probe = new BrokerProbe(() -> "no-such-broker.invalid:9092", SHORT)) {
            // Then
            assertThat(probe.reachable()).isFalse();
        }
    }
}

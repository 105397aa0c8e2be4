package io.lorica.kit.event;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;

import io.lorica.testkit.LoricaPlatform;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class BrokerProbeIT {

    @Test
    void reachesABrokerThatIsThere() {
        // Given
        String servers = new LoricaPlatform().start().get("kafka.bootstrap.servers");

        // When
        try (BrokerProbe probe = new BrokerProbe(() -> servers)) {
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
        try (BrokerProbe probe = new BrokerProbe(() -> "127.0.0.1:" + port)) {
            // Then
            assertThat(probe.reachable()).isFalse();
        }
    }

    @Test
    void reachesNoneWhoseNameNobodyKnows() {
        // When
        try (BrokerProbe probe = new BrokerProbe(() -> "no-such-broker.invalid:9092")) {
            // Then
            assertThat(probe.reachable()).isFalse();
        }
    }
}

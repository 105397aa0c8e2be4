package io.lorica.gateway.upstream;

import java.net.URI;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class UpstreamAddressTest {

    @Test
    void readsHostPortAndScheme() {
        assertThat(UpstreamAddress.of(URI.create("http://dataset:8081")))
                .isEqualTo(new UpstreamAddress("dataset", 8081, false));
        assertThat(UpstreamAddress.of(URI.create("https://trainer/")))
                .isEqualTo(new UpstreamAddress("trainer", 443, true));
        assertThat(UpstreamAddress.of(URI.create("http://inference")))
                .isEqualTo(new UpstreamAddress("inference", 80, false));
    }

    @ParameterizedTest
    @ValueSource(strings = {"dataset:8081", "ftp://dataset", "http://dataset/v1", "http:///v1"})
    void refusesAnythingElse(String base) {
        assertThatThrownBy(() -> UpstreamAddress.of(URI.create(base)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(base);
    }
}

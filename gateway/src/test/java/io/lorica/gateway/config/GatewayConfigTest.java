package io.lorica.gateway.config;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;

import io.quarkus.runtime.configuration.MemorySizeConverter;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class GatewayConfigTest {

    @Test
    void pinsTheDefaults() {
        // Given
        Map<String, String> nothing = Map.of("quarkus.application.version", "1");

        // When
        GatewayConfig config = read(nothing);

        // Then
        assertThat(config.upstreams().dataset()).isEqualTo(URI.create("http://127.0.0.1:8081"));
        assertThat(config.upstreams().trainer()).isEqualTo(URI.create("http://127.0.0.1:8082"));
        assertThat(config.upstreams().inference()).isEqualTo(URI.create("http://127.0.0.1:8083"));
        assertThat(config.apiKey()).isEmpty();
        assertThat(config.apiKeys()).isEmpty();
        assertThat(config.rate().requestsPerMinute()).isZero();
        assertThat(config.rate().burst()).isEqualTo(20);
        assertThat(config.connectTimeout()).isEqualTo(Duration.ofSeconds(2));
        assertThat(config.idleTimeout()).isEqualTo(Duration.ofMinutes(10));
        assertThat(config.connectionsPerUpstream()).isEqualTo(256);
        assertThat(config.maxBodySize().asLongValue()).isEqualTo(520L << 20);
        assertThat(config.host()).isEqualTo("0.0.0.0");
        assertThat(config.port()).isEqualTo(8080);
        assertThat(config.tlsConfiguration()).isEmpty();
        assertThat(config.transfersPerUpstream()).isEqualTo(64);
        assertThat(config.upstreamWait()).isEqualTo(Duration.ofSeconds(5));
        assertThat(config.callsPerKey()).isEqualTo(128);
        assertThat(config.transfersPerKey()).isEqualTo(32);
        assertThat(config.maxConnections()).isEqualTo(4096);
        assertThat(config.headerTimeout()).isEqualTo(Duration.ofSeconds(10));
        assertThat(config.keepAlive()).isEqualTo(Duration.ofSeconds(75));
        assertThat(config.bodyTimeout()).isEqualTo(Duration.ofSeconds(30));
        assertThat(config.bodyProgress().asLongValue()).isEqualTo(16L << 10);
        assertThat(config.maxJsonSize().asLongValue()).isEqualTo(8L << 20);
        assertThat(config.buffer().asLongValue()).isEqualTo(128L << 20);
        assertThat(config.bufferPerKey().asLongValue()).isEqualTo(32L << 20);
        assertThat(config.shutdown().delay()).isEqualTo(Duration.ZERO);
        assertThat(config.shutdown().grace()).isEqualTo(Duration.ofSeconds(30));
        assertThat(config.shutdown().ending()).isEqualTo(Duration.ofSeconds(2));
        assertThat(config.cors().enabled()).isEqualTo(false);
        assertThat(config.cors().origins()).isEmpty();
        assertThat(config.organization()).isEqualTo("lorica");
        assertThat(config.version()).isEqualTo("1");
        assertThat(config.documentation()).isEqualTo("docs/api.md");
    }

    @Test
    void mapsEveryKey() {
        // Given
        Map<String, String> all = Map.ofEntries(
                Map.entry("lorica.gateway.upstreams.dataset", "http://d:1"),
                Map.entry("lorica.gateway.upstreams.trainer", "http://t:2"),
                Map.entry("lorica.gateway.upstreams.inference", "https://i"),
                Map.entry("lorica.gateway.api-key", "secret"),
                Map.entry("lorica.gateway.api-keys", "anna:a,bert:b"),
                Map.entry("lorica.gateway.rate.requests-per-minute", "60"),
                Map.entry("lorica.gateway.rate.burst", "5"),
                Map.entry("lorica.gateway.connect-timeout", "PT1S"),
                Map.entry("lorica.gateway.idle-timeout", "PT3S"),
                Map.entry("lorica.gateway.connections-per-upstream", "7"),
                Map.entry("lorica.gateway.max-body-size", "1K"),
                Map.entry("lorica.gateway.host", "127.0.0.1"),
                Map.entry("lorica.gateway.port", "81"),
                Map.entry("lorica.gateway.tls-configuration", "public"),
                Map.entry("lorica.gateway.transfers-per-upstream", "8"),
                Map.entry("lorica.gateway.upstream-wait", "PT4S"),
                Map.entry("lorica.gateway.calls-per-key", "9"),
                Map.entry("lorica.gateway.transfers-per-key", "10"),
                Map.entry("lorica.gateway.max-connections", "11"),
                Map.entry("lorica.gateway.header-timeout", "PT12S"),
                Map.entry("lorica.gateway.keep-alive", "PT13S"),
                Map.entry("lorica.gateway.body-timeout", "PT14S"),
                Map.entry("lorica.gateway.body-progress", "15"),
                Map.entry("lorica.gateway.max-json-size", "16"),
                Map.entry("lorica.gateway.buffer", "17"),
                Map.entry("lorica.gateway.buffer-per-key", "18"),
                Map.entry("lorica.gateway.shutdown.delay", "PT19S"),
                Map.entry("lorica.gateway.shutdown.grace", "PT20S"),
                Map.entry("lorica.gateway.shutdown.ending", "PT21S"),
                Map.entry("lorica.gateway.cors.enabled", "true"),
                Map.entry("lorica.gateway.cors.origins", "http://a,http://b"),
                Map.entry("lorica.gateway.organization", "acme"),
                Map.entry("lorica.gateway.version", "9"),
                Map.entry("lorica.gateway.documentation", "elsewhere"));

        // When
        GatewayConfig config = read(all);

        // Then
        assertThat(config.upstreams().dataset()).isEqualTo(URI.create("http://d:1"));
        assertThat(config.upstreams().trainer()).isEqualTo(URI.create("http://t:2"));
        assertThat(config.upstreams().inference()).isEqualTo(URI.create("https://i"));
        assertThat(config.apiKey()).contains("secret");
        assertThat(config.apiKeys()).contains(List.of("anna:a", "bert:b"));
        assertThat(config.rate().requestsPerMinute()).isEqualTo(60);
        assertThat(config.rate().burst()).isEqualTo(5);
        assertThat(config.connectTimeout()).isEqualTo(Duration.ofSeconds(1));
        assertThat(config.idleTimeout()).isEqualTo(Duration.ofSeconds(3));
        assertThat(config.connectionsPerUpstream()).isEqualTo(7);
        assertThat(config.maxBodySize().asLongValue()).isEqualTo(1024);
        assertThat(config.host()).isEqualTo("127.0.0.1");
        assertThat(config.port()).isEqualTo(81);
        assertThat(config.tlsConfiguration()).contains("public");
        assertThat(config.transfersPerUpstream()).isEqualTo(8);
        assertThat(config.upstreamWait()).isEqualTo(Duration.ofSeconds(4));
        assertThat(config.callsPerKey()).isEqualTo(9);
        assertThat(config.transfersPerKey()).isEqualTo(10);
        assertThat(config.maxConnections()).isEqualTo(11);
        assertThat(config.headerTimeout()).isEqualTo(Duration.ofSeconds(12));
        assertThat(config.keepAlive()).isEqualTo(Duration.ofSeconds(13));
        assertThat(config.bodyTimeout()).isEqualTo(Duration.ofSeconds(14));
        assertThat(config.bodyProgress().asLongValue()).isEqualTo(15);
        assertThat(config.maxJsonSize().asLongValue()).isEqualTo(16);
        assertThat(config.buffer().asLongValue()).isEqualTo(17);
        assertThat(config.bufferPerKey().asLongValue()).isEqualTo(18);
        assertThat(config.shutdown().delay()).isEqualTo(Duration.ofSeconds(19));
        assertThat(config.shutdown().grace()).isEqualTo(Duration.ofSeconds(20));
        assertThat(config.shutdown().ending()).isEqualTo(Duration.ofSeconds(21));
        assertThat(config.cors().enabled()).isEqualTo(true);
        assertThat(config.cors().origins()).contains(List.of("http://a", "http://b"));
        assertThat(config.organization()).isEqualTo("acme");
        assertThat(config.version()).isEqualTo("9");
        assertThat(config.documentation()).isEqualTo("elsewhere");
    }

    private static GatewayConfig read(Map<String, String> properties) {
        return new SmallRyeConfigBuilder()
                .addDefaultInterceptors()
                .withConverter(io.quarkus.runtime.configuration.MemorySize.class, 100, new MemorySizeConverter())
                .withConverter(Duration.class, 200, new io.quarkus.runtime.configuration.DurationConverter())
                .withMapping(GatewayConfig.class)
                .withSources(new PropertiesConfigSource(properties, "test", 500))
                .build()
                .getConfigMapping(GatewayConfig.class);
    }
}

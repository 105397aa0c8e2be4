package io.lorica.models;

import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

class EnvironmentProxyTest {

    private static final URI HUB = URI.create("https://hub.example/org/model");

    @Test
    void takesTheProxyOfTheScheme() {
        // When
        List<Proxy> chosen = select(Map.of("HTTPS_PROXY", "http://proxy:8888", "HTTP_PROXY", "http://other:1"));

        // Then
        assertThat(chosen)
                .containsExactly(new Proxy(Proxy.Type.HTTP, InetSocketAddress.createUnresolved("proxy", 8888)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"hub.example", ".example", "*.example", "localhost, example", "*"})
    void goesStraightToWhatNoProxyNames(String excluded) {
        // When
        List<Proxy> chosen = select(Map.of("https_proxy", "proxy:8888", "no_proxy", excluded));

        // Then
        assertThat(chosen).containsExactly(Proxy.NO_PROXY);
    }

    @ParameterizedTest
    @ValueSource(strings = {"other.example", "ub.example", ""})
    void usesTheProxyForTheRest(String excluded) {
        // When
        List<Proxy> chosen = select(Map.of("ALL_PROXY", "proxy:8888", "NO_PROXY", excluded));

        // Then
        assertThat(chosen).extracting(Proxy::type).containsExactly(Proxy.Type.HTTP);
    }

    @Test
    void goesStraightWithoutAVariable() {
        assertThat(select(Map.of())).containsExactly(Proxy.NO_PROXY);
    }

    private static List<Proxy> select(Map<String, String> environment) {
        return new EnvironmentProxy(environment).select(HUB);
    }
}

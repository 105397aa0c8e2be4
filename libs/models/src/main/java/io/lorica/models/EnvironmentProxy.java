package io.lorica.models;

import java.io.IOException;
import java.net.Authenticator;
import java.net.InetSocketAddress;
import java.net.PasswordAuthentication;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

/// The proxy that `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` name, in either case. Java itself reads only
/// system properties, which count where no variable is set.
final class EnvironmentProxy extends ProxySelector {

    private static final int DEFAULT_PORT = 3128;

    private final Map<String, String> environment;

    EnvironmentProxy(Map<String, String> environment) {
        this.environment = Map.copyOf(environment);
    }

    @Override
    public List<Proxy> select(URI address) {
        Optional<URI> proxy = proxy(address.getScheme());
        if (proxy.isEmpty()) {
            return ofSystemProperties(address);
        }
        if (excluded(host(address))) {
            return List.of(Proxy.NO_PROXY);
        }
        int port = proxy.get().getPort() < 0 ? DEFAULT_PORT : proxy.get().getPort();
        return List.of(new Proxy(
                Proxy.Type.HTTP, InetSocketAddress.createUnresolved(proxy.get().getHost(), port)));
    }

    /// The name and password in the proxy's address, as in `http://name:password@proxy:3128`.
    Optional<Authenticator> authenticator() {
        return Stream.of("https", "http")
                .flatMap(scheme -> proxy(scheme).stream())
                .map(URI::getRawUserInfo)
                .filter(user -> user != null && user.contains(":"))
                .findFirst()
                .map(EnvironmentProxy::authenticator);
    }

    private static Authenticator authenticator(String user) {
        int colon = user.indexOf(':');
        String name = URLDecoder.decode(user.substring(0, colon), StandardCharsets.UTF_8);
        char[] password = URLDecoder.decode(user.substring(colon + 1), StandardCharsets.UTF_8)
                .toCharArray();
        return new Authenticator() {
            @Override
            protected @Nullable PasswordAuthentication getPasswordAuthentication() {
                // The password is the proxy's and nobody else's.
                return getRequestorType() == RequestorType.PROXY ? new PasswordAuthentication(name, password) : null;
            }
        };
    }

    private Optional<URI> proxy(String scheme) {
        return variable(scheme.toUpperCase(Locale.ROOT) + "_PROXY")
                .or(() -> variable("ALL_PROXY"))
                .map(value -> URI.create(value.contains("://") ? value : "http://" + value))
                .filter(proxy -> proxy.getHost() != null);
    }

    private boolean excluded(String host) {
        return variable("NO_PROXY").stream()
                .flatMap(list -> Stream.of(list.split(",")))
                .map(entry -> entry.strip().toLowerCase(Locale.ROOT))
                .map(entry -> entry.startsWith("*.") ? entry.substring(1) : entry)
                .anyMatch(entry -> entry.equals("*")
                        || host.equals(entry.startsWith(".") ? entry.substring(1) : entry)
                        || (!entry.isEmpty() && host.endsWith(entry.startsWith(".") ? entry : "." + entry)));
    }

    private Optional<String> variable(String name) {
        return Optional.ofNullable(environment.get(name))
                .or(() -> Optional.ofNullable(environment.get(name.toLowerCase(Locale.ROOT))))
                .map(String::strip)
                .filter(value -> !value.isEmpty());
    }

    private static List<Proxy> ofSystemProperties(URI address) {
        ProxySelector system = ProxySelector.getDefault();
        return system == null ? List.of(Proxy.NO_PROXY) : system.select(address);
    }

    private static String host(URI address) {
        return address.getHost() == null ? "" : address.getHost().toLowerCase(Locale.ROOT);
    }

    @Override
    public void connectFailed(URI address, SocketAddress proxy, IOException failure) {
        // The request that failed says so itself.
    }
}

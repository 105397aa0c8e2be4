package io.lorica.gateway.upstream;

import java.net.URI;

import io.lorica.gateway.config.GatewayConfig;
import io.lorica.gateway.route.Upstream;
import io.vertx.core.http.RequestOptions;

/// Where a service listens.
///
/// @param host its host
/// @param port its port
/// @param tls whether it speaks TLS
public record UpstreamAddress(String host, int port, boolean tls) {

    private static final int HTTP = 80;
    private static final int HTTPS = 443;

    /// Reads a base URI.
    ///
    /// @throws IllegalArgumentException if it is not `http` or `https` with a host and no path
    public static UpstreamAddress of(URI base) {
        String scheme = base.getScheme();
        String host = base.getHost();
        boolean tls = "https".equals(scheme);
        boolean rooted = base.getRawPath() == null || base.getRawPath().isEmpty() || "/".equals(base.getRawPath());
        if (host == null || !rooted || !(tls || "http".equals(scheme))) {
            throw new IllegalArgumentException(
                    "The address of a service is http:// or https://, a host and a port, without a path: " + base);
        }
        int port = base.getPort() >= 0 ? base.getPort() : tls ? HTTPS : HTTP;
        return new UpstreamAddress(host, port, tls);
    }

    /// Where the configuration says that a service is.
    public static UpstreamAddress of(Upstream upstream, GatewayConfig.Upstreams config) {
        return of(
                switch (upstream) {
                    case DATASET -> config.dataset();
                    case TRAINER -> config.trainer();
                    case INFERENCE -> config.inference();
                });
    }

    /// A request to this address.
    RequestOptions request() {
        return new RequestOptions().setHost(host).setPort(port).setSsl(tls);
    }

    @Override
    public String toString() {
        return host + ":" + port;
    }
}

package io.lorica.kit.event;

import java.time.Duration;
import java.util.Map;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;

/// Clients that ask the broker about itself.
final class Admins {

    private Admins() {}

    /// A new client, which the caller closes.
    ///
    /// @param request how long one request may take
    /// @param call how long a call may take with all its requests
    static Admin open(BrokerConfig broker, Duration request, Duration call) {
        return Admin.create(Map.of(
                AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
                broker.servers(),
                AdminClientConfig.RECONNECT_BACKOFF_MS_CONFIG,
                BrokerConfig.RECONNECT_MS,
                AdminClientConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG,
                BrokerConfig.RECONNECT_MAX_MS,
                AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG,
                Math.toIntExact(request.toMillis()),
                AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                Math.toIntExact(call.toMillis())));
    }
}

package io.lorica.kit.event;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/// How events travel. The broker's address is `kafka.bootstrap.servers`, which the messaging channels read too.
@ConfigMapping(prefix = "kafka.bootstrap")
public interface BrokerConfig {

    /// The first pause of a client before it connects again. Clients say in the log that they could not, so the pauses
    /// also decide how much there is to read while the broker is away.
    long RECONNECT_MS = 500;

    /// The longest pause of a client before it connects again.
    long RECONNECT_MAX_MS = 5_000;

    /// Addresses of the broker, `host:port` with commas between them.
    @WithDefault("127.0.0.1:19092")
    String servers();
}

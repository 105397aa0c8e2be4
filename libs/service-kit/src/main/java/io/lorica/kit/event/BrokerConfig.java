package io.lorica.kit.event;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/// How events travel. The broker's address is `kafka.bootstrap.servers`, which the messaging channels read too.
@ConfigMapping(prefix = "kafka.bootstrap")
public interface BrokerConfig {

    /// Addresses of the broker, `host:port` with commas between them.
    @WithDefault("127.0.0.1:19092")
    String servers();
}

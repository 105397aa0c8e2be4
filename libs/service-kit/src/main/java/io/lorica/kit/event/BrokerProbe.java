package io.lorica.kit.event;

import java.util.Map;
import java.util.concurrent.ExecutionException;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.KafkaException;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Asks whether a broker answers. Owned by one thread.
final class BrokerProbe implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(BrokerProbe.class);
    private static final int PATIENCE_MS = 4_000;

    private final BrokerConfig broker;
    private @Nullable Admin admin;

    BrokerProbe(BrokerConfig broker) {
        this.broker = broker;
    }

    /// Whether the broker answers within four seconds.
    boolean reachable() {
        try {
            Admin current = admin == null ? admin = open() : admin;
            current.describeCluster().nodes().get();
            return true;
        } catch (KafkaException | ExecutionException e) {
            LOG.debug("the broker does not answer", e);
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private Admin open() {
        return Admin.create(Map.of(
                AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
                broker.servers(),
                AdminClientConfig.RECONNECT_BACKOFF_MS_CONFIG,
                BrokerConfig.RECONNECT_MS,
                AdminClientConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG,
                BrokerConfig.RECONNECT_MAX_MS,
                AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG,
                PATIENCE_MS,
                AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                PATIENCE_MS));
    }

    @Override
    public void close() {
        if (admin != null) {
            admin.close();
        }
    }
}

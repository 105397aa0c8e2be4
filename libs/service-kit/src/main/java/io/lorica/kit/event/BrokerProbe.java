package io.lorica.kit.event;

import java.time.Duration;
import java.util.concurrent.ExecutionException;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Asks whether a broker answers. Owned by one thread.
final class BrokerProbe implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(BrokerProbe.class);

    private final BrokerConfig broker;
    private final Duration patience;
    private @Nullable Admin admin;

    /// @param patience how long to wait for an answer
    BrokerProbe(BrokerConfig broker, Duration patience) {
        this.broker = broker;
        this.patience = patience;
    }

    /// Whether the broker answers in time.
    boolean reachable() {
        try {
            Admin current = admin == null ? admin = Admins.open(broker, patience, patience) : admin;
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

    @Override
    public void close() {
        if (admin != null) {
            admin.close();
        }
    }
}

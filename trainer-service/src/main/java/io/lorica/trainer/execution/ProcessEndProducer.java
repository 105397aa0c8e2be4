package io.lorica.trainer.execution;

import io.quarkus.arc.DefaultBean;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import org.jboss.logging.Logger;

/// Makes the end of the process a bean, so that tests can live through it.
public final class ProcessEndProducer {

    private static final Logger LOG = Logger.getLogger(ProcessEnd.class);

    @Produces
    @Singleton
    @DefaultBean
    ProcessEnd processEnd() {
        return reason -> {
            LOG.fatalf("the process ends itself: %s", reason);
            // No hooks: the stuck thread would hold up those that wait for it.
            Runtime.getRuntime().halt(ProcessEnd.STATUS);
        };
    }
}

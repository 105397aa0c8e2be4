package io.lorica.testkit;

import java.util.Map;

import io.lorica.contracts.id.RandomIdentifier;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;

/// Gives a test the real broker and the real store of the build, with a bucket and a topic prefix of its own.
public class LoricaPlatform implements QuarkusTestResourceLifecycleManager {

    @Override
    public Map<String, String> start() {
        PlatformProcess platform = SharedPlatform.find();
        String own = RandomIdentifier.of(8);
        return Map.of(
                "kafka.bootstrap.servers",
                platform.kafka(),
                "lorica.store.endpoint",
                platform.store(),
                "lorica.store.access-key",
                PlatformProcess.ACCESS_KEY,
                "lorica.store.secret-key",
                PlatformProcess.SECRET_KEY,
                "lorica.store.bucket",
                "test-" + own,
                "lorica.topics.prefix",
                "test-" + own + ".");
    }

    @Override
    public void stop() {
        // The platform belongs to the build and ends with it.
    }
}

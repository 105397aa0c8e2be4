package io.lorica.inference;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

import io.lorica.inference.config.InferenceConfig;
import io.quarkus.runtime.configuration.DurationConverter;
import io.quarkus.runtime.configuration.MemorySize;
import io.quarkus.runtime.configuration.MemorySizeConverter;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;

/// Settings as the service reads them, without the service.
public final class Settings {

    private Settings() {}

    /// The defaults, but for what is given.
    ///
    /// @param own keys below `lorica.inference.`
    public static InferenceConfig with(Map<String, String> own) {
        Map<String, String> properties = new HashMap<>(Map.of("java.io.tmpdir", "/scratch"));
        own.forEach((key, value) -> properties.put("lorica.inference." + key, value));
        return new SmallRyeConfigBuilder()
                .addDefaultInterceptors()
                .withConverter(MemorySize.class, 100, new MemorySizeConverter())
                .withConverter(Duration.class, 200, new DurationConverter())
                .withMapping(InferenceConfig.class)
                .withSources(new PropertiesConfigSource(properties, "test", 500))
                .build()
                .getConfigMapping(InferenceConfig.class);
    }

    /// The defaults with a cache of adapters.
    public static InferenceConfig withCache(Path cache) {
        return with(Map.of("adapter-cache", cache.toString()));
    }
}

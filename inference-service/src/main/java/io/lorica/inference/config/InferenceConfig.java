package io.lorica.inference.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

import io.lorica.contracts.job.BaseQuantization;
import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/// Settings of the inference service.
@ConfigMapping(prefix = "lorica.inference")
public interface InferenceConfig {

    /// Base model to load at start, so that the first request need not wait for it; the environment
    /// variable LORICA_BASE_MODEL.
    @WithDefault("${LORICA_BASE_MODEL:}")
    Optional<String> baseModel();

    /// How many base models may be in memory at once; the one used longest ago makes room.
    @WithDefault("1")
    int baseModelsInMemory();

    /// How long a base model that is asked for waits for memory before no further questions for the ones in memory
    /// begin, so that one of them makes room.
    @WithDefault("30s")
    Duration modelPatience();

    /// How long answers in progress may go on after the service was told to end; those that are left then end with an
    /// error. What stops the process must wait some seconds longer.
    @WithDefault("50s")
    Duration stopGrace();

    /// How the weights of base models are kept in memory: `none` (in the numbers that the device computes
    /// in), `nf4` or `fp4` (4 bits), or `int8`. Adapters are applied beside them; one that QLoRA trained
    /// wants what it was trained on.
    @WithDefault("none")
    BaseQuantization quantization();

    /// Whether the scales of 4-bit weights are quantised too, as in the QLoRA paper.
    @WithDefault("false")
    boolean doubleQuantization();

    /// After how many requests in a row an adapter is merged into the weights, so that it costs no more
    /// than the base, until another model is asked for; 0 never merges. Needs `none` as quantization, and
    /// host memory for the matrices that change.
    @WithDefault("0")
    int mergeAfter();

    /// How many bytes of adapters may be in memory at once; the ones used longest ago make room.
    @WithDefault("1G")
    MemorySize adapterBytesInMemory();

    /// How many answers are in progress at once.
    @WithDefault("8")
    int activeSequences();

    /// How many requests may wait for their turn; further ones are turned away with 429.
    @WithDefault("64")
    int waitingSequences();

    /// Tokens of an answer where the request sets no limit.
    @WithDefault("1200")
    int defaultMaxTokens();

    /// How often a waiting stream says that it is alive.
    @WithDefault("15s")
    Duration keepAlive();

    /// Directory in which the files of adapters are kept.
    @WithDefault("${java.io.tmpdir}/lorica-adapters")
    Path adapterCache();
}

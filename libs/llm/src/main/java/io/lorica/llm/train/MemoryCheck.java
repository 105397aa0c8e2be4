package io.lorica.llm.train;

import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Locale;

import com.sun.management.OperatingSystemMXBean;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.job.JobSpec;
import io.lorica.llm.cuda.Cuda;
import io.lorica.llm.model.ModelConfig;
import io.lorica.llm.quantize.WeightFormat;
import io.lorica.llm.tensor.TensorDevice;
import org.jboss.logging.Logger;

/// Whether a run fits into memory, asked before its weights are loaded and once more when its rows are known. The
/// system
/// property `lorica.memory-check` or the environment variable `LORICA_MEMORY_CHECK` set to `false` lets every run
/// begin.
final class MemoryCheck {

    private static final Logger LOG = Logger.getLogger(MemoryCheck.class);
    private static final String PROPERTY = "lorica.memory-check";
    private static final String VARIABLE = "LORICA_MEMORY_CHECK";
    // The forecast is within a tenth of what cards showed; refusing what would fit is worse than failing later.
    private static final double MARGIN = 1.1;
    private static final double GIB = 1L << 30;

    private final ModelConfig config;
    private final JobSpec spec;
    private final WeightFormat weights;
    private final long available;

    /// @param weights how the layers' matrices are kept
    /// @param available bytes that the device had before anything was loaded
    private MemoryCheck(ModelConfig config, JobSpec spec, WeightFormat weights, long available) {
        this.config = config;
        this.spec = spec;
        this.weights = weights;
        this.available = available;
    }

    /// Looks at the device before a run takes any of it.
    static MemoryCheck before(ModelConfig config, JobSpec spec, WeightFormat weights) {
        return new MemoryCheck(config, spec, weights, available());
    }

    /// Refuses a run whose weights and adapter alone cannot fit.
    ///
    /// @throws ProductException with `OUT_OF_MEMORY`
    void ofWeights() {
        require(forecast(new MemoryForecast.Load(1, 1)));
    }

    /// Refuses a run that cannot fit with its rows, and tells of the others what they will need.
    ///
    /// @throws ProductException with `OUT_OF_MEMORY`
    void ofRows(TrainingRows rows) {
        boolean packed = spec.plan().extras().rows().packing();
        int longest = rows.training().stream()
                .mapToInt(row -> row.tokens().length)
                .max()
                .orElse(1);
        int sequences = Math.min(spec.plan().batchSize(), rows.training().size());
        MemoryForecast.Load load = new MemoryForecast.Load(sequences, packed ? rows.maxLength() : longest);
        MemoryForecast forecast = forecast(load);
        require(forecast);
        LOG.infof(
                "%d x %d tokens will take %s of %.1f on %s",
                load.sequences(), load.length(), forecast.words(), available / GIB, TensorDevice.current());
    }

    private MemoryForecast forecast(MemoryForecast.Load load) {
        return MemoryForecast.of(
                config,
                spec.lora(),
                new MemoryForecast.Storage(
                        ComputeTypes.of(spec.plan().extras().precision().compute()),
                        weights,
                        LoraTrainingEngine.tokens(spec),
                        spec.plan().extras().optimizer().kind()),
                GradientMethod.policy(spec.plan().extras().gradientCheckpointing()),
                load,
                !TensorDevice.current().gpu());
    }

    private void require(MemoryForecast forecast) {
        if (wanted()) {
            require(forecast, available, TensorDevice.current().toString());
        }
    }

    /// @param available bytes
    /// @param where on which device
    static void require(MemoryForecast forecast, long available, String where) {
        if (forecast.withOverhead() <= available * MARGIN) {
            return;
        }
        throw ProductException.of(
                ErrorCode.OUT_OF_MEMORY,
                String.format(
                        Locale.ROOT,
                        "The job needs about %s, and %s has %.1f GiB free. %s",
                        forecast.words(),
                        where,
                        available / GIB,
                        String.join(" ", ADVICE)));
    }

    private static final List<String> ADVICE = List.of(
            "Use gradient_checkpointing, a quantization of the base model, a smaller batch_size with more gradient",
            "accumulation, or a shorter max_seq_length.");

    private static boolean wanted() {
        String variable = System.getenv(VARIABLE);
        return Boolean.parseBoolean(System.getProperty(PROPERTY, variable == null ? "true" : variable));
    }

    /// What is free on a GPU; on the CPU all that the machine, or the container, has.
    private static long available() {
        TensorDevice device = TensorDevice.current();
        if (device.gpu()) {
            return Cuda.available() ? Cuda.device(device.index()).memory().free() : Long.MAX_VALUE;
        }
        return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();
    }
}

package io.lorica.llm.train;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.job.JobSpec;
import io.lorica.contracts.job.MemoryUse;
import io.lorica.llm.fused.PassGraphs;
import io.lorica.llm.memory.FreeMemory;
import io.lorica.llm.memory.MemoryForecast;
import io.lorica.llm.memory.MemoryPlan;
import io.lorica.llm.memory.MemorySwitch;
import io.lorica.llm.memory.MemoryWatch;
import io.lorica.llm.model.LoadPlan;
import io.lorica.llm.model.ModelConfig;
import io.lorica.llm.tensor.TensorDevice;

/// Whether a run fits into memory, asked before its weights are loaded and once more when its rows are known; and what
/// it took in the end. [MemorySwitch] lets every run begin.
final class MemoryCheck {

    // The forecast is within a tenth of what cards showed; refusing what would fit is worse than failing later.
    private static final double MARGIN = 1.1;

    private final MemoryPlan plan;
    private final JobSpec spec;
    private final FreeMemory free;
    private final boolean refuses;
    private final MemoryWatch watch;
    private MemoryUse use;

    private MemoryCheck(MemoryPlan plan, JobSpec spec, FreeMemory free, boolean refuses) {
        this.plan = plan;
        this.spec = spec;
        this.free = free;
        this.refuses = refuses;
        this.watch = MemoryWatch.begin(free);
        this.use = use(MemoryForecast.of(plan, Stream.of(MemoryPlan.Load.LEAST), Stream.empty()));
    }

    /// Looks at the device before a run takes any of it, and refuses a run whose weights and adapter alone cannot fit.
    ///
    /// @param load how the model will be loaded
    /// @param free what the device can give
    /// @throws ProductException with `OUT_OF_MEMORY`
    static MemoryCheck before(ModelConfig config, JobSpec spec, LoadPlan load, FreeMemory free) {
        MemoryCheck check = new MemoryCheck(plan(config, spec, load), spec, free, MemorySwitch.on());
        check.require();
        return check;
    }

    private static MemoryPlan plan(ModelConfig config, JobSpec spec, LoadPlan load) {
        GradientChoice choice = GradientChoice.of(config, spec, load);
        return new MemoryPlan(
                config,
                spec.lora(),
                new MemoryPlan.Storage(
                        load.type(),
                        load.projections(),
                        load.tokens(),
                        spec.plan().extras().optimizer().kind()),
                choice.obstacle().isPresent(),
                choice.policy(),
                !TensorDevice.current().gpu(),
                choice.graphs(spec) ? PassGraphs.limit(config) : 0);
    }

    /// Refuses a run that cannot fit with its rows.
    ///
    /// @throws ProductException with `OUT_OF_MEMORY`
    void ofRows(TrainingRows rows) {
        List<List<Window>> measured =
                Windows.parts(rows.measured(spec.plan()), spec.plan().batchSize());
        use = use(MemoryForecast.of(
                plan,
                rows.windows(spec.plan(), spec.seed()).parts(spec.plan()).map(MemoryCheck::load),
                measured.stream().map(MemoryCheck::load),
                spec.exportMerged() || spec.exportGguf() != null));
        require();
    }

    /// What the run is forecast to take.
    MemoryUse forecast() {
        return use;
    }

    /// The same with what it has taken at its peak so far; empty where that cannot be told.
    Optional<MemoryUse> taken() {
        OptionalLong taken = watch.taken();
        return taken.isPresent() ? Optional.of(use.measured(taken.getAsLong())) : Optional.empty();
    }

    private MemoryUse use(MemoryForecast forecast) {
        return new MemoryUse(
                TensorDevice.current().toString(),
                forecast.needed(),
                forecast.weights(),
                forecast.adapter(),
                forecast.kept(),
                forecast.working(),
                free instanceof FreeMemory.Known known ? known.bytes() : null,
                free instanceof FreeMemory.Unknown unknown ? unknown.reason() : null,
                null);
    }

    private static MemoryPlan.Load load(List<Window> part) {
        return new MemoryPlan.Load(
                part.stream().mapToLong(Window::length).sum(),
                part.size(),
                part.stream().mapToInt(Window::length).max().orElse(1),
                part.stream().anyMatch(window -> window.examples().size() > 1));
    }

    private void require() {
        Long bytes = use.free();
        if (refuses && bytes != null && use.forecast() > bytes * MARGIN) {
            throw ProductException.of(
                    ErrorCode.OUT_OF_MEMORY,
                    "The job needs about " + use.need() + " of memory, and " + MemoryUse.words(bytes) + " are free on "
                            + use.device() + ". Use gradient_checkpointing, a quantization of the base model, a smaller"
                            + " batch_size with more gradient accumulation, or a shorter max_seq_length.");
        }
    }
}

package io.lorica.llm.memory;

import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

import io.lorica.contracts.job.AdapterStart;
import io.lorica.contracts.job.OptimizerKind;
import io.lorica.llm.lora.AdapterParameters;
import io.lorica.llm.model.AdapterRoom;
import io.lorica.llm.model.ModelConfig;
import io.lorica.llm.model.ProjectionGroup;
import io.lorica.llm.quantize.EightBitRows;

/// The memory that a run needs at its peak, by what it is for, in bytes. It counts tensors, and what the allocator
/// holds
/// back between them. The driver's context is not counted: it is there before anybody can ask what is free.
///
/// @param weights frozen weights with the room for adapters beside them
/// @param adapter parameters, gradients and the optimizer's states
/// @param kept what all layers keep for the way back
/// @param working what one layer and the head need at once, or what measuring needs beyond what is kept; and what
/// graphs of short batches keep for themselves
/// @param slack blocks of the allocator in sizes that do not fit; on a host what the process itself grows by, too
public record MemoryForecast(long weights, long adapter, long kept, long working, long slack) {

    private static final int VALUE_AND_GRADIENT = 2 * Float.BYTES;
    // Blocks of 64 elements with a scale of four bytes, or of one byte and four more for 256 of those.
    private static final double SCALES = Float.BYTES / 64.0;
    private static final double QUANTISED_SCALES = (1 + Float.BYTES / 256.0) / 64;
    private static final double FOUR_BITS = 0.5;
    // Shares of what is not frozen: libtorch's allocator on H200s, and glibc's with 135 million weights, which kept
    // 1.13
    // times the tensors of gradients by hand and 1.30 times those of recorded ones.
    private static final double SLACK_OF_GPU = 0.06;
    private static final double SLACK_OF_HOST = 0.2;
    // By how much a process grows beside its tensors in its first run: heap of the virtual machine, compiled code, and
    // the threads and workspaces of libtorch. It decides about models of a few million weights only.
    private static final long PROCESS = 100L << 20;

    /// Forecasts a run.
    ///
    /// @param training the micro-batches that are learned from, at least one
    /// @param validation those that are measured
    public static MemoryForecast of(
            MemoryPlan plan, Stream<MemoryPlan.Load> training, Stream<MemoryPlan.Load> validation) {
        return of(plan, training, validation, false);
    }

    /// Forecasts a run.
    ///
    /// @param training the micro-batches that are learned from, at least one
    /// @param validation those that are measured
    /// @param exports whether a merged model is written when it is over
    public static MemoryForecast of(
            MemoryPlan plan, Stream<MemoryPlan.Load> training, Stream<MemoryPlan.Load> validation, boolean exports) {
        PassMemory pass = plan.pass();
        List<MemoryPlan.Load> loads = training.distinct().toList();
        MemoryPlan.Load heaviest =
                loads.stream().max(Comparator.comparingLong(pass::training)).orElse(MemoryPlan.Load.LEAST);
        long measuring = validation.distinct().mapToLong(pass::measuring).max().orElse(0);
        long graphs = loads.stream()
                .filter(plan::graphed)
                .mapToLong(pass::training)
                .max()
                .orElse(0);
        long adapter = adapterBytes(plan);
        long kept = pass.kept(heaviest);
        long working = plan.graphed(heaviest)
                ? pass.working(heaviest) + measuring
                : Math.max(pass.working(heaviest), measuring - kept) + graphs;
        long ofExports = exports ? new ExportMemory(plan.config()).bytes() - kept : 0;
        double slack = (adapter + kept + working) * (plan.host() ? SLACK_OF_HOST : SLACK_OF_GPU);
        return new MemoryForecast(
                weightBytes(plan),
                adapter,
                kept,
                Math.max(working, ofExports),
                (long) slack + (plan.host() ? PROCESS : 0));
    }

    /// What the device will show as taken.
    public long needed() {
        return weights + adapter + kept + working + slack;
    }

    private static long weightBytes(MemoryPlan plan) {
        ModelConfig config = plan.config();
        AdapterRoom room = AdapterParameters.room(config, plan.lora());
        long matrices = config.tiedEmbeddings() ? 1 : 2;
        long norms = (2L * config.layers() + 1) * config.hiddenSize() * plan.bytes();
        double layers = 0;
        for (int layer = 0; layer < config.layers(); layer++) {
            for (ProjectionGroup group : ProjectionGroup.values()) {
                double columns = (double) room.columns(layer, group) * plan.bytes();
                layers += group.outputs(config) * (group.inputs(config) * elementBytes(plan.storage()) + columns);
            }
        }
        return matrices * tokenBytes(plan) + norms + (long) layers;
    }

    private static long tokenBytes(MemoryPlan plan) {
        ModelConfig config = plan.config();
        return switch (plan.storage().tokens()) {
            case FULL -> (long) config.vocabularySize() * config.hiddenSize() * plan.bytes();
            case EIGHT_BITS -> EightBitRows.bytes(config.vocabularySize(), config.hiddenSize());
        };
    }

    private static double elementBytes(MemoryPlan.Storage storage) {
        return switch (storage.weights()) {
            case FULL -> storage.type().bytes();
            case NF4, FP4 -> FOUR_BITS + SCALES;
            case NF4_DOUBLE, FP4_DOUBLE -> FOUR_BITS + QUANTISED_SCALES;
            case INT8 -> 1 + SCALES;
        };
    }

    /// Pairs with a copy in the type that is computed in, and as they began where that leaves the base's weights;
    /// tensors that are trained whole, beside those that they stand for.
    private static long adapterBytes(MemoryPlan plan) {
        double trained = VALUE_AND_GRADIENT + stateBytes(plan.storage().optimizer(), plan.host());
        boolean origin = plan.lora().extras().start().method() == AdapterStart.Method.PISSA;
        double ofPair = trained + plan.bytes() + (origin ? Float.BYTES : 0);
        long pairs = AdapterParameters.pairElements(plan.config(), plan.lora());
        return (long) (pairs * ofPair + wholeElements(plan) * trained);
    }

    static long wholeElements(MemoryPlan plan) {
        return AdapterParameters.whole(plan.config(), plan.lora()).values().stream()
                .mapToLong(MemoryForecast::elements)
                .sum();
    }

    private static long elements(long... shape) {
        long elements = 1;
        for (long size : shape) {
            elements *= size;
        }
        return elements;
    }

    /// Bytes of both moments of a parameter on the device.
    private static double stateBytes(OptimizerKind optimizer, boolean host) {
        double inBytes = 2 * (1 + Float.BYTES / 256.0);
        return switch (optimizer) {
            case ADAMW -> 2 * Float.BYTES;
            case ADAMW_8BIT -> inBytes;
            case PAGED_ADAMW_8BIT -> host ? inBytes : 0;
        };
    }
}

package io.lorica.llm.train;

import java.util.Arrays;
import java.util.Locale;

import io.lorica.contracts.job.LoraSpec;
import io.lorica.contracts.job.OptimizerKind;
import io.lorica.llm.lora.AdapterParameters;
import io.lorica.llm.model.ActivationPolicy;
import io.lorica.llm.model.AdapterRoom;
import io.lorica.llm.model.EightBitTokens;
import io.lorica.llm.model.ModelConfig;
import io.lorica.llm.model.ProjectionGroup;
import io.lorica.llm.model.ProjectionKind;
import io.lorica.llm.model.TokenFormat;
import io.lorica.llm.quantize.EightBitRows;
import io.lorica.llm.quantize.WeightFormat;
import io.lorica.llm.tensor.ElementType;

/// The memory that a run with gradients by hand needs at its peak, by what it is for, in bytes. It counts tensors; what
/// the driver and the allocator take for themselves comes on top, see [#withOverhead].
///
/// Symbols: N tokens at once, L layers, E elements of a hidden state, I inside the feed-forward block, H and K query
/// and
/// key heads, D elements of a head, V tokens of the vocabulary, b bytes of an element.
///
/// @param weights frozen weights with the room for adapters beside them
/// @param adapter parameters, gradients and the optimizer's states
/// @param kept what all layers keep for the way back
/// @param working what one layer and the head need at once
public record MemoryForecast(long weights, long adapter, long kept, long working) {

    /// Tokens of a slice of the feed-forward block.
    private static final long SLICE = 4_096;
    private static final long SCORES_AT_ONCE = 160L << 20;
    private static final int VALUE_AND_GRADIENT = 2 * Float.BYTES;
    // Blocks of 64 elements with a scale of four bytes, or of one byte and four more for 256 of those.
    private static final double SCALES = Float.BYTES / 64.0;
    private static final double QUANTISED_SCALES = (1 + Float.BYTES / 256.0) / 64;
    private static final double FOUR_BITS = 0.5;
    /// The driver's context with libtorch's libraries.
    private static final long CONTEXT = 700L << 20;
    /// Blocks that the allocator holds back in sizes that do not fit.
    private static final double SLACK = 1.06;

    /// Tokens that pass at once.
    ///
    /// @param sequences rows of a micro-batch
    /// @param length tokens of the longest
    public record Load(int sequences, int length) {

        long tokens() {
            return (long) sequences * length;
        }
    }

    /// How numbers are stored.
    ///
    /// @param type what the model computes in
    /// @param weights how the layers' matrices are kept
    /// @param tokens how embedding and head are kept
    /// @param optimizer which decides how large its states are, and where they lie
    public record Storage(ElementType type, WeightFormat weights, TokenFormat tokens, OptimizerKind optimizer) {

        /// Everything in one type, and AdamW's states in float32.
        public static Storage of(ElementType type) {
            return new Storage(type, WeightFormat.FULL, TokenFormat.FULL, OptimizerKind.ADAMW);
        }
    }

    /// Forecasts a run.
    ///
    /// @param policy what is kept of a layer
    /// @param host whether the device is the host, where offloaded inputs stay in the same memory
    public static MemoryForecast of(
            ModelConfig config, LoraSpec lora, Storage storage, ActivationPolicy policy, Load load, boolean host) {
        AdapterRoom room = AdapterParameters.room(config, lora);
        int bytes = storage.type().bytes();
        double ofParameter = VALUE_AND_GRADIENT + stateBytes(storage.optimizer(), host) + bytes;
        long numbers = storage.weights() == WeightFormat.FULL ? 0 : largestGroup(config) * bytes;
        numbers += storage.tokens() == TokenFormat.FULL ? 0 : EightBitTokens.elementsAtOnce(config) * bytes;
        return new MemoryForecast(
                weightBytes(config, room, storage),
                (long) (adapterElements(config, room) * ofParameter),
                keptElements(config, policy, load.tokens(), host) * bytes,
                workingElements(config, policy, load.tokens()) * bytes + numbers);
    }

    /// All tensors together.
    public long tensors() {
        return weights + adapter + kept + working;
    }

    /// What the device shows as taken: the tensors, the allocator's slack and the driver's context.
    public long withOverhead() {
        return (long) ((adapter + kept + working) * SLACK) + weights + CONTEXT;
    }

    /// In words, such as `17.4 GiB: weights 14.3, adapter 0.6, kept 0.8, working 1.0`.
    public String words() {
        return String.format(
                Locale.ROOT,
                "%.1f GiB: weights %.1f, adapter %.1f, kept %.1f, working %.1f",
                gib(withOverhead()),
                gib(weights),
                gib(adapter),
                gib(kept),
                gib(working));
    }

    private static long weightBytes(ModelConfig config, AdapterRoom room, Storage storage) {
        int bytes = storage.type().bytes();
        long matrices = config.tiedEmbeddings() ? 1 : 2;
        long norms = (2L * config.layers() + 1) * config.hiddenSize() * bytes;
        double layers = 0;
        for (int layer = 0; layer < config.layers(); layer++) {
            for (ProjectionGroup group : ProjectionGroup.values()) {
                long outputs = group.outputs(config);
                double ofElement = elementBytes(storage);
                layers += outputs * (group.inputs(config) * ofElement + (double) room.columns(layer, group) * bytes);
            }
        }
        return matrices * tokenBytes(config, storage) + norms + (long) layers;
    }

    private static long tokenBytes(ModelConfig config, Storage storage) {
        return switch (storage.tokens()) {
            case FULL ->
                (long) config.vocabularySize()
                        * config.hiddenSize()
                        * storage.type().bytes();
            case EIGHT_BITS -> EightBitRows.bytes(config.vocabularySize(), config.hiddenSize());
        };
    }

    private static double elementBytes(Storage storage) {
        return switch (storage.weights()) {
            case FULL -> storage.type().bytes();
            case NF4, FP4 -> FOUR_BITS + SCALES;
            case NF4_DOUBLE, FP4_DOUBLE -> FOUR_BITS + QUANTISED_SCALES;
            case INT8 -> 1 + SCALES;
        };
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

    /// The widest of the matrices that become numbers for each product.
    private static long largestGroup(ModelConfig config) {
        return Arrays.stream(ProjectionGroup.values())
                .mapToLong(group -> (long) group.outputs(config) * group.inputs(config))
                .max()
                .orElse(0);
    }

    private static long adapterElements(ModelConfig config, AdapterRoom room) {
        long elements = 0;
        for (int layer = 0; layer < config.layers(); layer++) {
            for (ProjectionGroup group : ProjectionGroup.values()) {
                long shared = room.columns(layer, group) / group.kinds().size();
                for (ProjectionKind kind : group.kinds()) {
                    elements += shared * (config.inputs(kind) + config.outputs(kind));
                }
            }
        }
        return elements;
    }

    /// Without recomputation x, x + attention, heads, the attention's result, gates and ups; with it x alone.
    private static long keptElements(ModelConfig config, ActivationPolicy policy, long tokens, boolean host) {
        long hidden = config.hiddenSize();
        long ofLayer = switch (policy) {
            case KEEP -> 2 * hidden + heads(config) + attention(config) + 2L * config.intermediateSize();
            case RECOMPUTE -> hidden;
            case OFFLOAD -> host ? hidden : 0;
        };
        return config.layers() * ofLayer * tokens;
    }

    /// The way back through one layer: the attention's tensors for all tokens, or the feed-forward block's for a slice,
    /// beside the gradient that flows; and the head's scores, whose large block the allocator keeps.
    private static long workingElements(ModelConfig config, ActivationPolicy policy, long tokens) {
        long hidden = config.hiddenSize();
        long once = policy == ActivationPolicy.KEEP ? 0 : 2 * hidden + heads(config) + attention(config);
        long attention = tokens * (once + 3 * hidden + 3 * heads(config) + 3 * attention(config));
        long slice = Math.min(tokens, SLICE);
        long feedForward = tokens * (once + 2 * hidden) + slice * (4 * hidden + 4L * config.intermediateSize());
        long rows = Math.min(tokens, SCORES_AT_ONCE / config.vocabularySize());
        return Math.max(attention, feedForward) + rows * config.vocabularySize();
    }

    private static long heads(ModelConfig config) {
        return (config.heads() + 2L * config.keyValueHeads()) * config.headSize();
    }

    private static long attention(ModelConfig config) {
        return (long) config.heads() * config.headSize();
    }

    private static double gib(long bytes) {
        return bytes / (double) (1L << 30);
    }
}

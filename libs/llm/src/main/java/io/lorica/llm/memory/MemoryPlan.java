package io.lorica.llm.memory;

import io.lorica.contracts.job.LoraSpec;
import io.lorica.contracts.job.OptimizerKind;
import io.lorica.llm.model.ActivationPolicy;
import io.lorica.llm.model.ModelConfig;
import io.lorica.llm.model.TokenFormat;
import io.lorica.llm.quantize.WeightFormat;
import io.lorica.llm.tensor.ElementType;

/// How a run is going to compute, as far as memory depends on it.
///
/// @param config the model
/// @param lora the adapter
/// @param storage how numbers are stored
/// @param recorded whether gradients are taken by automatic differentiation, not by hand
/// @param policy what is kept of a layer
/// @param host whether the device is the host, where what is offloaded stays in the same memory
/// @param graphLimit batches of fewer tokens are graphs of a GPU, which have memory of their own
public record MemoryPlan(
        ModelConfig config,
        LoraSpec lora,
        Storage storage,
        boolean recorded,
        ActivationPolicy policy,
        boolean host,
        int graphLimit) {

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

    /// Tokens that pass at once.
    ///
    /// @param tokens how many there are
    /// @param rows in how many rows
    /// @param width how long a row is with its padding
    /// @param shared whether sequences share a row
    public record Load(long tokens, int rows, int width, boolean shared) {

        /// One token, of which a run has at least as many.
        public static final Load LEAST = even(1, 1);

        /// Rows that are one sequence each, all equally long.
        public static Load even(int rows, int length) {
            return new Load((long) rows * length, rows, length, false);
        }

        /// Tokens and padding.
        long padded() {
            return (long) rows * width;
        }
    }

    boolean graphed(Load load) {
        return load.tokens() < graphLimit;
    }

    PassMemory pass() {
        return recorded ? RecordedMemory.of(this) : new ByHandMemory(this);
    }

    int bytes() {
        return storage.type().bytes();
    }
}

package io.lorica.llm.memory;

import io.lorica.llm.lora.MergeProbe;
import io.lorica.llm.model.ModelConfig;
import io.lorica.llm.weights.TensorSource;

/// Memory that writing and proving a merged model takes beside base and adapter: chunks of one matrix at a time, the
/// scores of the probe rows, and the states of one of them. Optimizer steps are over by then.
///
/// @param config the model
record ExportMemory(ModelConfig config) {

    /// A chunk as the base has it, with its adapter, rounded, as another grid rounds it, and on its way into a file.
    private static final int CHUNKS = 5;
    /// Scores of one row of both models, on the device and on the host, beside those of all rows that are kept.
    private static final int ROWS_IN_WORK = 4;
    /// Tensors of a hidden state's size that a layer has at once.
    private static final int STATES = 8;

    long bytes() {
        long widest = Math.max(config.vocabularySize(), config.intermediateSize());
        long chunk = Math.min(TensorSource.CHUNK_ELEMENTS, widest * config.hiddenSize());
        long scores =
                (MergeProbe.MOST_ROWS + ROWS_IN_WORK) * (long) MergeProbe.MOST_POSITIONS * config.vocabularySize();
        long states = MergeProbe.MOST_TOKENS * (2L * config.intermediateSize() + (long) STATES * config.hiddenSize());
        return (CHUNKS * chunk + scores + states) * Float.BYTES;
    }
}

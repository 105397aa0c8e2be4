package io.lorica.llm.model;

import java.util.List;

/// The shape of a decoder-only transformer and what its family does differently.
///
/// @param architecture the name in `config.json`, such as `Qwen2ForCausalLM`
/// @param vocabularySize rows of the embedding
/// @param hiddenSize elements of a hidden state
/// @param intermediateSize elements inside the feed-forward block
/// @param layers how many decoder layers
/// @param heads query heads of a layer
/// @param keyValueHeads key and value heads of a layer; a divisor of heads
/// @param headSize elements of a head
/// @param normEpsilon what RMSNorm adds below the root
/// @param rope how positions turn queries and keys
/// @param contextLength the most positions
/// @param biases which projections have a bias
/// @param headNorms whether queries and keys are normalised head by head
/// @param windows for each layer how many positions a position sees, itself included; 0 for all before it
/// @param tiedEmbeddings whether the head is the embedding
public record ModelConfig(
        String architecture,
        int vocabularySize,
        int hiddenSize,
        int intermediateSize,
        int layers,
        int heads,
        int keyValueHeads,
        int headSize,
        double normEpsilon,
        Rope rope,
        int contextLength,
        ProjectionBiases biases,
        boolean headNorms,
        List<Integer> windows,
        boolean tiedEmbeddings) {

    public ModelConfig {
        positive("vocab_size", vocabularySize);
        positive("hidden_size", hiddenSize);
        positive("intermediate_size", intermediateSize);
        positive("num_hidden_layers", layers);
        positive("num_attention_heads", heads);
        positive("num_key_value_heads", keyValueHeads);
        positive("head_dim", headSize);
        positive("max_position_embeddings", contextLength);
        if (heads % keyValueHeads != 0) {
            throw new IllegalArgumentException(
                    "num_attention_heads " + heads + " is no multiple of num_key_value_heads " + keyValueHeads);
        }
        if (headSize % 2 != 0) {
            throw new IllegalArgumentException("head_dim is " + headSize + "; rotary embedding needs an even one");
        }
        if (windows.size() != layers || windows.stream().anyMatch(window -> window < 0)) {
            throw new IllegalArgumentException("sliding_window does not fit its " + layers + " layers");
        }
        windows = List.copyOf(windows);
    }

    /// Elements of all query heads, and of what attention makes of them.
    public int queryWidth() {
        return heads * headSize;
    }

    /// Elements of all key heads; of all value heads too.
    public int keyWidth() {
        return keyValueHeads * headSize;
    }

    /// Elements of queries, keys and values side by side.
    public int joinedWidth() {
        return joinedHeads() * headSize;
    }

    /// Heads of queries, keys and values.
    public int joinedHeads() {
        return turnedHeads() + keyValueHeads;
    }

    /// Heads of queries and keys, which positions turn.
    public int turnedHeads() {
        return heads + keyValueHeads;
    }

    /// How many query heads share a key and value head.
    public int headsOfGroup() {
        return heads / keyValueHeads;
    }

    /// Whether a projection has a bias.
    public boolean hasBias(ProjectionKind kind) {
        return biases.of(kind);
    }

    /// The length of a projection's output.
    public int outputs(ProjectionKind kind) {
        return switch (kind) {
            case QUERY -> queryWidth();
            case KEY, VALUE -> keyWidth();
            case OUTPUT, DOWN -> hiddenSize;
            case GATE, UP -> intermediateSize;
        };
    }

    /// The length of a projection's input.
    public int inputs(ProjectionKind kind) {
        return switch (kind) {
            case QUERY, KEY, VALUE, GATE, UP -> hiddenSize;
            case OUTPUT -> queryWidth();
            case DOWN -> intermediateSize;
        };
    }

    private static void positive(String name, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + " is " + value + "; it must be at least 1");
        }
    }
}

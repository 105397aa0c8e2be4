package io.lorica.llm.export;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.gguf.GgufArchitecture;
import io.lorica.gguf.GgufOutput;
import io.lorica.gguf.GgufWriter;
import io.lorica.gguf.TensorEncoding;
import io.lorica.gguf.TensorNames;
import io.lorica.llm.model.ModelConfig;
import io.lorica.llm.model.RopeScaling;

/// Writes a model's configuration as a file's metadata.
///
/// @param config the configuration
/// @param architecture whose keys they are
record ShapeKeys(ModelConfig config, GgufArchitecture architecture) {

    void addTo(GgufWriter writer) {
        whole(writer, "block_count", config.layers());
        whole(writer, "context_length", contextLength());
        whole(writer, "embedding_length", config.hiddenSize());
        whole(writer, "feed_forward_length", config.intermediateSize());
        whole(writer, "attention.head_count", config.heads());
        whole(writer, "attention.head_count_kv", config.keyValueHeads());
        whole(writer, "attention.key_length", config.headSize());
        whole(writer, "attention.value_length", config.headSize());
        whole(writer, "rope.dimension_count", config.headSize());
        whole(writer, "vocab_size", config.vocabularySize());
        number(writer, "attention.layer_norm_rms_epsilon", config.normEpsilon());
        number(writer, "rope.freq_base", config.rope().theta());
        addScaling(writer, config.rope().scaling());
    }

    /// llama.cpp knows neither these sliding windows nor dynamic scaling; up to where they begin there is no
    /// difference.
    private int contextLength() {
        int window = config.windows().stream()
                .filter(length -> length > 0)
                .mapToInt(Integer::intValue)
                .min()
                .orElse(Integer.MAX_VALUE);
        int plain = config.rope().scaling() instanceof RopeScaling.Dynamic dynamic
                ? dynamic.originalContext()
                : Integer.MAX_VALUE;
        return Math.min(config.contextLength(), Math.min(window, plain));
    }

    private void addScaling(GgufWriter writer, RopeScaling scaling) {
        switch (scaling) {
            case RopeScaling.None _, RopeScaling.Dynamic _ -> {}
            case RopeScaling.Linear linear -> {
                text(writer, "rope.scaling.type", "linear");
                number(writer, "rope.scaling.factor", linear.factor());
            }
            case RopeScaling.Yarn yarn -> addYarn(writer, yarn);
            case RopeScaling.Llama3 _ -> writer.tensor(factors());
            case RopeScaling.LongRope rope -> {
                if (rope.attentionFactor() != 1 || !rope.shortFactors().equals(rope.longFactors())) {
                    throw unwritable("its longrope scaling depends on the length of the text");
                }
                writer.tensor(factors());
            }
        }
    }

    private void addYarn(GgufWriter writer, RopeScaling.Yarn yarn) {
        if (Math.abs(yarn.attentionFactor() - RopeScaling.Yarn.sharpening(yarn.factor(), 1)) > 1e-6) {
            throw unwritable("its attention factor is not YaRN's");
        }
        text(writer, "rope.scaling.type", "yarn");
        number(writer, "rope.scaling.factor", yarn.factor());
        whole(writer, "rope.scaling.original_context_length", yarn.originalContext());
        number(writer, "rope.scaling.yarn_beta_fast", yarn.fastTurns());
        number(writer, "rope.scaling.yarn_beta_slow", yarn.slowTurns());
    }

    /// A divisor for each frequency, which is how llama.cpp stores Llama 3's rule.
    private GgufOutput factors() {
        double theta = config.rope().theta();
        float[] plain = new RopeScaling.None().frequencies(theta, config.headSize(), 1);
        float[] factors = config.rope().scaling().frequencies(theta, config.headSize(), 1);
        for (int i = 0; i < factors.length; i++) {
            factors[i] = plain[i] / factors[i];
        }
        return new GgufOutput(
                TensorNames.ROPE_FACTORS,
                TensorEncoding.F32,
                new long[] {factors.length},
                sink -> sink.writeFloats(factors));
    }

    private void whole(GgufWriter writer, String key, long value) {
        writer.whole(architecture.label() + "." + key, value);
    }

    private void number(GgufWriter writer, String key, double value) {
        writer.number(architecture.label() + "." + key, value);
    }

    private void text(GgufWriter writer, String key, String value) {
        writer.text(architecture.label() + "." + key, value);
    }

    private static ProductException unwritable(String reason) {
        return ProductException.of(
                ErrorCode.UNSUPPORTED_MODEL,
                "The model cannot be written as GGUF: " + reason + ". Export safetensors instead.");
    }
}

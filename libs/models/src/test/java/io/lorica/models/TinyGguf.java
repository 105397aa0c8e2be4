package io.lorica.models;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import io.lorica.gguf.GgufOutput;
import io.lorica.gguf.GgufWriter;
import io.lorica.gguf.TensorEncoding;

/// A GGUF file that says of itself what a Llama 3 does: a table of three tokens, and at the end the divisors of
/// its rotary frequencies.
final class TinyGguf {

    private TinyGguf() {}

    /// Its bytes, most of which are the table's.
    ///
    /// @param folder where it may be written for a moment
    /// @param columns the length of the table's rows
    static byte[] bytes(Path folder, int columns) {
        GgufWriter writer = new GgufWriter();
        writer.text("general.architecture", "llama");
        writer.whole("llama.context_length", 512);
        writer.whole("llama.embedding_length", columns);
        writer.whole("llama.block_count", 1);
        writer.whole("llama.feed_forward_length", 8);
        writer.whole("llama.attention.head_count", columns / 4);
        writer.number("llama.attention.layer_norm_rms_epsilon", 1e-5);
        writer.text("tokenizer.ggml.model", "gpt2");
        writer.text("tokenizer.ggml.pre", "llama-bpe");
        writer.texts("tokenizer.ggml.tokens", List.of("a", "b", "<end>"));
        writer.wholes("tokenizer.ggml.token_type", List.of(1, 1, 3));
        writer.texts("tokenizer.ggml.merges", List.of("a b"));
        writer.whole("tokenizer.ggml.eos_token_id", 2);
        writer.tensor(new GgufOutput(
                "token_embd.weight",
                TensorEncoding.F32,
                new long[] {3, columns},
                sink -> sink.write(MemorySegment.ofArray(new byte[3 * columns * Float.BYTES]))));
        writer.tensor(new GgufOutput(
                "rope_freqs.weight", TensorEncoding.F32, new long[] {2}, sink -> sink.writeFloats(1, 8)));
        try {
            Path file = folder.resolve("tiny.gguf");
            writer.write(file);
            byte[] bytes = Files.readAllBytes(file);
            Files.delete(file);
            return bytes;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}

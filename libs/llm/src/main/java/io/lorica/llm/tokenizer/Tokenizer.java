package io.lorica.llm.tokenizer;

import java.nio.file.Path;
import java.util.OptionalInt;

import io.lorica.llm.weights.ModelFiles;

/// Text to token ids and back. Thread-safe.
public interface Tokenizer extends AutoCloseable {

    /// The tokenizer of a directory with `tokenizer.json` and `tokenizer_config.json`, or of a GGUF file.
    ///
    /// @throws io.lorica.contracts.error.ProductException with `UNSUPPORTED_MODEL` when it cannot be used
    static Tokenizer open(Path directory) {
        return open(ModelFiles.at(directory));
    }

    /// The tokenizer of a model.
    ///
    /// @throws io.lorica.contracts.error.ProductException with `UNSUPPORTED_MODEL` when it cannot be used
    static Tokenizer open(ModelFiles model) {
        return open(model, Integer.MAX_VALUE);
    }

    /// The tokenizer of a model, for its embedding.
    ///
    /// @param rows rows of the embedding
    /// @throws io.lorica.contracts.error.ProductException with `UNSUPPORTED_MODEL` when it cannot be used, or
    ///     has more tokens than the embedding has rows
    static Tokenizer open(ModelFiles model, int rows) {
        return HuggingFaceBpe.open(model, rows);
    }

    /// The tokens of a piece of text: markers in it become their one token, nothing is added around it.
    int[] encode(String text);

    /// The tokens of a text that goes on behind others: as [#encode], but without the space that a vocabulary of pieces
    /// puts before the first word of a text.
    ///
    /// @param before the tokens of what it goes on behind
    int[] encodeBehind(int[] before, String text);

    /// The tokens of a text that begins a sequence: as [#encode], and where the tokenizer asks for a
    /// beginning-of-sequence
    /// token, exactly one in front, however often the text itself begins with it.
    int[] encodeSequence(String text);

    /// The text of tokens, markers left out.
    String decode(int[] ids);

    /// The text of tokens, markers and all.
    String decodeWhole(int[] ids);

    /// Tells whether [#decode] leaves the token out: a marker, or an id that no token has.
    boolean leavesOut(int id);

    /// The byte that a token stands for where the vocabulary has tokens of single bytes, such as `<0xE4>`; empty for
    /// all others.
    OptionalInt byteOf(int id);

    /// The token that ends a sequence.
    int eosId();

    /// The text of the token that ends a sequence, such as `<|endoftext|>`.
    String eosText();

    /// The token that begins a sequence, where there is one.
    OptionalInt bosId();

    @Override
    void close();
}

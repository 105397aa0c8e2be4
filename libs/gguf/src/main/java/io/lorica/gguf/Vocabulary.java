package io.lorica.gguf;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/// A kind of vocabulary, as the parts of a `tokenizer.json`.
sealed interface Vocabulary permits ByteLevelVocabulary, SentencePieceVocabulary {

    /// What is done to text first; JSON's null for nothing.
    JsonNode normalizer();

    /// How text is cut into words; JSON's null for not at all.
    JsonNode preTokenizer();

    /// How tokens become text.
    ObjectNode decoder();

    /// Tokens and merges.
    ObjectNode model();

    /// Whether the beginning-of-sequence token is added where the file does not say.
    boolean addsBos();
}

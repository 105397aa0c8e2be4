package io.lorica.llm.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.lorica.llm.weights.ModelFiles;

/// The files that describe a model's tokenizer.
///
/// @param config `tokenizer_config.json`
/// @param specialTokens the tokens with a role of their own
record TokenizerFiles(JsonNode config, SpecialTokens specialTokens) {

    static final String TOKENIZER = "tokenizer.json";
    static final String CONFIG = "tokenizer_config.json";

    private static final String SPECIAL_TOKENS = "special_tokens_map.json";

    static TokenizerFiles read(ModelFiles model) {
        JsonNode config = model.tree(CONFIG);
        JsonNode specialTokens =
                model.read(SPECIAL_TOKENS).isPresent() ? model.tree(SPECIAL_TOKENS) : MissingNode.getInstance();
        return new TokenizerFiles(config, SpecialTokens.read(config, specialTokens));
    }
}

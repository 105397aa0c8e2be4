package io.lorica.llm.tokenizer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;

/// The files that describe a tokenizer in a model's directory.
///
/// @param config `tokenizer_config.json`
/// @param specialTokens the tokens with a role of their own
record TokenizerFiles(JsonNode config, SpecialTokens specialTokens) {

    static final String TOKENIZER = "tokenizer.json";
    static final String CONFIG = "tokenizer_config.json";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String SPECIAL_TOKENS = "special_tokens_map.json";

    static TokenizerFiles read(Path directory) throws IOException {
        JsonNode config = JSON.readTree(Files.readString(directory.resolve(CONFIG)));
        Path map = directory.resolve(SPECIAL_TOKENS);
        JsonNode specialTokens = Files.exists(map) ? JSON.readTree(Files.readString(map)) : MissingNode.getInstance();
        return new TokenizerFiles(config, SpecialTokens.read(config, specialTokens));
    }
}

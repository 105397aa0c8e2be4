package io.lorica.models;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.id.BaseModelId;
import io.lorica.layout.SmallFiles;
import io.lorica.layout.StoredQuantization;
import io.lorica.layout.TokenizerDescription;

/// Reads what a model is from its small files.
final class ProfileReader {

    private static final ObjectMapper JSON = new ObjectMapper();

    private ProfileReader() {}

    /// @param source where the files are read from, each of them once
    static BaseModelProfile read(BaseModelId model, SmallFiles source) {
        Map<String, Optional<byte[]>> known = new HashMap<>();
        SmallFiles files = name -> known.computeIfAbsent(name, source::read);
        JsonNode config = json(model, files, "config.json");
        String architecture = config.path("architectures").path(0).asText("");
        if (architecture.isEmpty()) {
            throw ProductException.forParameter(
                    ErrorCode.UNSUPPORTED_MODEL,
                    "model",
                    "The config.json of '" + model + "' names no architecture, so Lorica cannot tell what it is.");
        }
        StoredQuantization.of(config);
        requireTokenizer(model, files);
        TokenizerDescription tokenizer = TokenizerDescription.read(files);
        tokenizer.requireRows(config.path("vocab_size").asInt(Integer.MAX_VALUE));
        return new BaseModelProfile(
                architecture,
                tokenizer.terminator(),
                config.path("max_position_embeddings").asInt(2048),
                config);
    }

    private static void requireTokenizer(BaseModelId model, SmallFiles files) {
        if (files.read(TokenizerDescription.TOKENIZER).isEmpty()) {
            throw incomplete(model, TokenizerDescription.TOKENIZER);
        }
    }

    private static JsonNode json(BaseModelId model, SmallFiles files, String name) {
        byte[] content = files.read(name).orElseThrow(() -> incomplete(model, name));
        try {
            return JSON.readTree(content);
        } catch (IOException e) {
            throw ProductException.of(
                    ErrorCode.UNSUPPORTED_MODEL, "The " + name + " of '" + model + "' is not JSON.", e);
        }
    }

    private static ProductException incomplete(BaseModelId model, String name) {
        return ProductException.forParameter(
                ErrorCode.MODEL_NOT_FOUND,
                "model",
                "'" + model + "' has no " + name + ". A model consists of config.json, tokenizer.json,"
                        + " tokenizer_config.json and *.safetensors.");
    }
}

package io.lorica.models;

import java.io.IOException;
import java.util.Optional;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.id.BaseModelId;

/// Reads what a model is from `config.json` and `tokenizer_config.json`.
final class ProfileReader {

    private static final ObjectMapper JSON = new ObjectMapper();

    private ProfileReader() {}

    /// Where a model's files are read from.
    interface Files {
        /// The bytes of a file, empty where the model has none of that name.
        Optional<byte[]> read(String name);
    }

    static BaseModelProfile read(BaseModelId model, Files files) {
        JsonNode config = json(model, files, "config.json");
        JsonNode tokenizer = json(model, files, "tokenizer_config.json");
        String architecture = config.path("architectures").path(0).asText("");
        if (architecture.isEmpty()) {
            throw ProductException.forParameter(
                    ErrorCode.UNSUPPORTED_MODEL,
                    "model",
                    "The config.json of '" + model + "' names no architecture, so Lorica cannot tell what it is.");
        }
        return new BaseModelProfile(
                architecture,
                terminator(model, tokenizer),
                config.path("max_position_embeddings").asInt(2048));
    }

    // Older files write the token as a text, newer ones as an object.
    private static String terminator(BaseModelId model, JsonNode tokenizer) {
        JsonNode token = tokenizer.path("eos_token");
        String text =
                token.isTextual() ? token.textValue() : token.path("content").asText("");
        if (text.isEmpty()) {
            throw ProductException.forParameter(
                    ErrorCode.UNSUPPORTED_MODEL,
                    "model",
                    "'" + model + "' names no end-of-sequence token, without which an answer has no end: eos_token in"
                            + " tokenizer_config.json, tokenizer.ggml.eos_token_id in a GGUF file.");
        }
        return text;
    }

    private static JsonNode json(BaseModelId model, Files files, String name) {
        byte[] content = files.read(name)
                .orElseThrow(() -> ProductException.forParameter(
                        ErrorCode.MODEL_NOT_FOUND,
                        "model",
                        "'" + model + "' has no " + name + ". A model consists of config.json, tokenizer.json,"
                                + " tokenizer_config.json and *.safetensors."));
        try {
            return JSON.readTree(content);
        } catch (IOException e) {
            throw ProductException.of(
                    ErrorCode.UNSUPPORTED_MODEL, "The " + name + " of '" + model + "' is not JSON.", e);
        }
    }
}

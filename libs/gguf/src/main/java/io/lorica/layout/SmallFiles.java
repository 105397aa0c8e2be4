package io.lorica.layout;

import java.io.IOException;
import java.util.Optional;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;

/// The small files of a model by their names in Hugging Face's layout.
@FunctionalInterface
public interface SmallFiles {

    /// The bytes of a file, empty where the model has none of that name.
    Optional<byte[]> read(String name);

    /// The tree of a JSON file, a missing node where the model has none of that name.
    ///
    /// @throws ProductException with `UNSUPPORTED_MODEL` when it is not JSON
    default JsonNode tree(String name) {
        return read(name).map(content -> parse(name, content)).orElseGet(MissingNode::getInstance);
    }

    private static JsonNode parse(String name, byte[] content) {
        try {
            return new ObjectMapper().readTree(content);
        } catch (IOException e) {
            throw ProductException.of(ErrorCode.UNSUPPORTED_MODEL, "The model's " + name + " is not valid JSON.", e);
        }
    }
}

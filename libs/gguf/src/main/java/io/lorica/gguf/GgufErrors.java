package io.lorica.gguf;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;

/// What is said about files that cannot be used.
final class GgufErrors {

    private GgufErrors() {}

    /// A file whose content contradicts itself.
    static ProductException damaged(String file, String reason) {
        return ProductException.of(
                ErrorCode.UNSUPPORTED_MODEL,
                "The GGUF file " + file + " is damaged: " + reason + ". Fetch the model again.");
    }

    /// A file that is whole but holds something that Lorica does not know.
    static ProductException unusable(String file, String reason) {
        return ProductException.of(
                ErrorCode.UNSUPPORTED_MODEL, "The GGUF file " + file + " cannot be used: " + reason + ".");
    }
}

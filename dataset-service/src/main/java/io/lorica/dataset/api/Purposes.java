package io.lorica.dataset.api;

import java.util.stream.Collectors;

import io.lorica.contracts.dataset.FilePurpose;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;

/// What to say of a purpose that there is not.
final class Purposes {

    private Purposes() {}

    static ProductException unknown(String name) {
        String known =
                FilePurpose.allUploadable().stream().map(FilePurpose::wireName).collect(Collectors.joining(", "));
        return ProductException.forParameter(
                ErrorCode.INVALID_PURPOSE, "purpose", "'" + name + "' is not a purpose; use one of " + known + ".");
    }
}

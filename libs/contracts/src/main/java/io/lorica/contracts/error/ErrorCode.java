package io.lorica.contracts.error;

import java.util.Locale;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/// Every error that Lorica reports by name.
public enum ErrorCode {
    INVALID_REQUEST(ErrorKind.INVALID),
    INVALID_JSON(ErrorKind.INVALID),
    REQUEST_TIMEOUT(ErrorKind.INVALID),
    UNKNOWN_PARAMETER(ErrorKind.INVALID),
    INVALID_PURPOSE(ErrorKind.INVALID),
    EMPTY_FILE(ErrorKind.INVALID),
    INVALID_TRAINING_FILE(ErrorKind.INVALID),
    INVALID_VALIDATION_FILE(ErrorKind.INVALID),
    INVALID_N_EXAMPLES(ErrorKind.INVALID),
    CONTEXT_LENGTH_EXCEEDED(ErrorKind.INVALID),
    UNSUPPORTED_MODEL(ErrorKind.INVALID),
    INVALID_API_KEY(ErrorKind.UNAUTHENTICATED),
    FILE_NOT_FOUND(ErrorKind.NOT_FOUND),
    JOB_NOT_FOUND(ErrorKind.NOT_FOUND),
    MODEL_NOT_FOUND(ErrorKind.NOT_FOUND),
    OBJECT_NOT_FOUND(ErrorKind.NOT_FOUND),
    ROUTE_NOT_FOUND(ErrorKind.NOT_FOUND),
    MODEL_IN_USE(ErrorKind.CONFLICT),
    JOB_NOT_CANCELLABLE(ErrorKind.CONFLICT),
    JOB_NOT_RESUMABLE(ErrorKind.CONFLICT),
    TEMPLATE_MISMATCH(ErrorKind.CONFLICT),
    DIGEST_MISMATCH(ErrorKind.INTERNAL),
    OUT_OF_MEMORY(ErrorKind.EXHAUSTED),
    OUT_OF_DISK(ErrorKind.EXHAUSTED),
    EXPORT_FAILED(ErrorKind.EXHAUSTED),
    RATE_LIMIT_EXCEEDED(ErrorKind.RATE_LIMITED),
    STALLED(ErrorKind.INTERNAL),
    NON_FINITE_LOSS(ErrorKind.INTERNAL),
    MERGE_PROOF_FAILED(ErrorKind.INTERNAL),
    STORE_UNAVAILABLE(ErrorKind.UNAVAILABLE),
    BROKER_UNAVAILABLE(ErrorKind.UNAVAILABLE),
    HUB_UNAVAILABLE(ErrorKind.UNAVAILABLE),
    SERVICE_UNAVAILABLE(ErrorKind.UNAVAILABLE),
    DEVICE_UNAVAILABLE(ErrorKind.UNAVAILABLE),
    LEASE_LOST(ErrorKind.UNAVAILABLE),
    INTERNAL_ERROR(ErrorKind.INTERNAL);

    private final ErrorKind kind;

    ErrorCode(ErrorKind kind) {
        this.kind = kind;
    }

    /// What sort of failure it is.
    public ErrorKind kind() {
        return kind;
    }

    /// Whether it is a fault of the machine or of what it depends on, which waiting may mend; the same work may then
    /// succeed without a change. This is the one notion of what is tried again.
    public boolean passing() {
        return switch (this) {
            case OUT_OF_DISK, STORE_UNAVAILABLE, BROKER_UNAVAILABLE, HUB_UNAVAILABLE, SERVICE_UNAVAILABLE -> true;
            default -> false;
        };
    }

    /// The code as it goes over the wire, such as `invalid_training_file`.
    @JsonValue
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    @JsonCreator
    static ErrorCode fromWire(String wireName) {
        return valueOf(wireName.toUpperCase(Locale.ROOT));
    }
}

package io.lorica.contracts.dataset;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/// What a file is for, by OpenAI's names.
public enum FilePurpose {
    FINE_TUNE("fine-tune", true),
    ASSISTANTS("assistants", true),
    BATCH("batch", true),
    VISION("vision", true),
    USER_DATA("user_data", true),
    EVALS("evals", true),
    /// The metrics of a finished job; only Lorica itself writes such files.
    FINE_TUNE_RESULTS("fine-tune-results", false);

    private final String wireName;
    private final boolean uploadable;

    FilePurpose(String wireName, boolean uploadable) {
        this.wireName = wireName;
        this.uploadable = uploadable;
    }

    /// The purpose as it goes over the wire, such as `fine-tune`.
    @JsonValue
    public String wireName() {
        return wireName;
    }

    /// Whether users may upload files for it.
    public boolean uploadable() {
        return uploadable;
    }

    /// The purpose of that wire name, if there is one.
    public static Optional<FilePurpose> of(String wireName) {
        return Arrays.stream(values())
                .filter(purpose -> purpose.wireName.equals(wireName))
                .findFirst();
    }

    /// The purposes that users may upload files for.
    public static List<FilePurpose> allUploadable() {
        return Arrays.stream(values()).filter(FilePurpose::uploadable).toList();
    }

    @JsonCreator
    static FilePurpose fromWire(String wireName) {
        return of(wireName)
                .orElseThrow(() -> new IllegalArgumentException("'" + wireName + "' is not the purpose of a file"));
    }
}

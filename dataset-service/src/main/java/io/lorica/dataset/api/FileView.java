package io.lorica.dataset.api;

import java.time.Instant;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.lorica.contracts.dataset.FilePurpose;
import io.lorica.contracts.dataset.FileRecord;
import io.lorica.contracts.id.FileId;
import org.jspecify.annotations.Nullable;

/// OpenAI's `File` object. Times are Unix seconds. OpenAI has deprecated `status`, but its clients still require it.
@JsonInclude(JsonInclude.Include.NON_NULL)
record FileView(
        FileId id,
        String object,
        long bytes,
        @JsonProperty("created_at") long createdAt,
        @JsonProperty("expires_at") @Nullable Long expiresAt,
        String filename,
        FilePurpose purpose,
        String status) {

    static FileView of(FileRecord file) {
        Instant expiry = file.expiresAt();
        return new FileView(
                file.id(),
                "file",
                file.bytes(),
                file.createdAt().getEpochSecond(),
                expiry == null ? null : expiry.getEpochSecond(),
                file.filename(),
                file.purpose(),
                "processed");
    }
}

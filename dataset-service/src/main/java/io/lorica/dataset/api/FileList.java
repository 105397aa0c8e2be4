package io.lorica.dataset.api;

import java.util.List;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.lorica.contracts.id.FileId;
import org.jspecify.annotations.Nullable;

/// A page of files.
@JsonInclude(JsonInclude.Include.ALWAYS)
record FileList(
        String object,
        List<FileView> data,
        @JsonProperty("first_id") @Nullable FileId firstId,
        @JsonProperty("last_id") @Nullable FileId lastId,
        @JsonProperty("has_more") boolean hasMore) {

    static FileList of(List<FileView> page, boolean hasMore) {
        return new FileList(
                "list",
                List.copyOf(page),
                page.isEmpty() ? null : page.getFirst().id(),
                page.isEmpty() ? null : page.getLast().id(),
                hasMore);
    }
}

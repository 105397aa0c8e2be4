package io.lorica.trainer.api;

import java.util.List;
import java.util.function.Function;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import org.jspecify.annotations.Nullable;

/// A page of a list, by cursor. Behind the last element there is an empty page, never an error: OpenAI's Java
/// client turns pages until it meets one.
@JsonInclude(JsonInclude.Include.NON_NULL)
record Page<T>(
        String object,
        List<T> data,
        @JsonProperty("has_more") boolean hasMore,
        @JsonProperty("first_id") @Nullable String firstId,
        @JsonProperty("last_id") @Nullable String lastId) {

    /// The elements behind the cursor; an unknown cursor gives an empty page.
    static <T> Page<T> of(List<T> all, Function<T, String> id, @Nullable String after, int limit) {
        List<T> rest = after == null
                ? all
                : all.stream()
                        .dropWhile(element -> !id.apply(element).equals(after))
                        .skip(1)
                        .toList();
        List<T> data = rest.stream().limit(limit).toList();
        return new Page<>("list", data, rest.size() > data.size(), null, null);
    }

    /// The same page with the ids of its ends.
    Page<T> withEnds(Function<T, String> id) {
        return data.isEmpty()
                ? this
                : new Page<>(object, data, hasMore, id.apply(data.getFirst()), id.apply(data.getLast()));
    }
}

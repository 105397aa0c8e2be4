package io.lorica.dataset.ingest;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.databind.JsonNode;

/// The forms of rows that are understood, each known by the fields that no other form has.
public enum RowFormat {
    CHAT("{\"messages\": [{\"role\": …, \"content\": …}]}"),
    SHARE_GPT("{\"conversations\": [{\"from\": …, \"value\": …}]}"),
    REASONING("{\"Question\": …, \"Complex_CoT\": …, \"Response\": …}"),
    ALPACA("{\"instruction\": …, \"input\": …, \"output\": …}"),
    COMPLETION("{\"prompt\": …, \"completion\": …}");

    private final String form;

    RowFormat(String form) {
        this.form = form;
    }

    /// The name as it goes over the wire, such as `share-gpt`.
    @JsonValue
    public String wireName() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /// What a row of this format looks like.
    String form() {
        return form;
    }

    /// The format that the row's fields point to. One field is enough: a row that lacks the others is better told
    /// which field is missing than that its form is unknown.
    static Optional<RowFormat> of(JsonNode row) {
        return Arrays.stream(values())
                .filter(format -> format.signature().stream().anyMatch(row::has))
                .findFirst();
    }

    private List<String> signature() {
        return switch (this) {
            case CHAT -> List.of("messages");
            case SHARE_GPT -> List.of("conversations");
            case REASONING -> List.of("Question", "Complex_CoT", "Response");
            case ALPACA -> List.of("instruction", "output");
            case COMPLETION -> List.of("prompt", "completion");
        };
    }
}

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

    /// An outline of a row of this format.
    String form() {
        return form;
    }

    /// The fields that a row of this format must have.
    List<String> required() {
        return switch (this) {
            case CHAT -> List.of("messages");
            case SHARE_GPT -> List.of("conversations");
            case REASONING -> List.of("Question", "Complex_CoT", "Response");
            case ALPACA -> List.of("instruction", "output");
            case COMPLETION -> List.of("prompt", "completion");
        };
    }

    /// The formats of which the row has everything: more than one where rows of several forms were joined badly.
    static List<RowFormat> complete(JsonNode row) {
        return Arrays.stream(values())
                .filter(format -> format.required().stream().allMatch(field -> Fields.has(row, field)))
                .toList();
    }

    /// The format that the fields of an incomplete row point to. One field is enough: such a row is better told which
    /// field is missing than that its form is unknown. Fields that say something go before empty ones.
    static Optional<RowFormat> begun(JsonNode row) {
        return Arrays.stream(values())
                .filter(format -> format.required().stream().anyMatch(field -> Fields.has(row, field)))
                .findFirst()
                .or(() -> Arrays.stream(values())
                        .filter(format -> format.required().stream().anyMatch(row::has))
                        .findFirst());
    }
}

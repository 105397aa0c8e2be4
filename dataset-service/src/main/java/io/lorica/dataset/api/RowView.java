package io.lorica.dataset.api;

import java.util.List;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.lorica.contracts.chat.Message;
import io.lorica.contracts.dataset.RejectedRow;
import io.lorica.dataset.ingest.Example;
import io.lorica.dataset.ingest.RowFormat;
import io.lorica.dataset.ingest.RowOutcome;
import org.jspecify.annotations.Nullable;

/// What became of a row: accepted with the conversation that was read from it, or rejected with a reason.
@JsonInclude(JsonInclude.Include.NON_NULL)
record RowView(
        int line,
        String outcome,
        @Nullable RowFormat format,
        @Nullable List<Message> messages,
        @Nullable String reason) {

    /// A list of judged rows.
    record Page(String object, List<RowView> data) {}

    static Page page(List<RowOutcome> rows) {
        return new Page("list", rows.stream().map(RowView::of).toList());
    }

    private static RowView of(RowOutcome outcome) {
        return switch (outcome) {
            case RowOutcome.Accepted(Example example) ->
                new RowView(example.line(), "accepted", example.format(), example.conversation(), null);
            case RowOutcome.Rejected(RejectedRow row) -> new RowView(row.line(), "rejected", null, null, row.reason());
        };
    }
}

package io.lorica.dataset.api;

import java.util.List;
import java.util.stream.IntStream;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.lorica.contracts.chat.Message;
import io.lorica.contracts.chat.Role;
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
        @Nullable List<MessageView> messages,
        @Nullable Integer examples,
        @Nullable String reason) {

    /// A list of judged rows.
    record Page(String object, List<RowView> data) {}

    /// A message, and whether it is learned.
    record MessageView(Role role, String content, @Nullable String reasoning, boolean learned) {

        private static List<MessageView> all(Example example) {
            return IntStream.range(0, example.conversation().size())
                    .mapToObj(place -> of(example.conversation().get(place), example.learns(place)))
                    .toList();
        }

        private static MessageView of(Message message, boolean learned) {
            return new MessageView(message.role(), message.content(), message.reasoning(), learned);
        }
    }

    static Page page(List<RowOutcome> rows) {
        return new Page("list", rows.stream().map(RowView::of).toList());
    }

    private static RowView of(RowOutcome outcome) {
        return switch (outcome) {
            case RowOutcome.Accepted(Example example) ->
                new RowView(
                        example.line(),
                        "accepted",
                        example.format(),
                        MessageView.all(example),
                        example.answers().size(),
                        null);
            case RowOutcome.Rejected(RejectedRow row) ->
                new RowView(row.line(), "rejected", null, null, null, row.reason());
        };
    }
}

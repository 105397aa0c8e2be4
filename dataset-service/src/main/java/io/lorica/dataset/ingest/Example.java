package io.lorica.dataset.ingest;

import java.util.List;
import java.util.Map;

import io.lorica.contracts.chat.Message;

/// A row that can be learned from.
///
/// @param line its line in the file, from 1
/// @param format the form it was written in
/// @param columns the row as it was uploaded, fields in their order
/// @param conversation what it says; the last turn is the assistant's
public record Example(int line, RowFormat format, Map<String, Object> columns, List<Message> conversation) {

    public Example {
        conversation = List.copyOf(conversation);
    }
}

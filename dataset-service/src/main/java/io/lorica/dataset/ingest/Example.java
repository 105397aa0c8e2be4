package io.lorica.dataset.ingest;

import java.util.List;
import java.util.Map;

import io.lorica.contracts.chat.Message;
import io.lorica.contracts.job.LossRegion;

/// A row that can be learned from.
///
/// @param line its line in the file, from 1
/// @param format the form it was written in
/// @param columns the row as it was uploaded, fields in their order
/// @param conversation what it says; the last turn is the assistant's
/// @param trainOn what the job learns of rows
/// @param answers the places of the messages that are learned, from 0, at least one: each ends an example
public record Example(
        int line,
        RowFormat format,
        Map<String, Object> columns,
        List<Message> conversation,
        LossRegion trainOn,
        List<Integer> answers) {

    public Example {
        conversation = List.copyOf(conversation);
        answers = List.copyOf(answers);
    }

    /// Tells whether the message at that place is learned.
    public boolean learns(int place) {
        return trainOn == LossRegion.FULL || answers.contains(place);
    }

    /// The conversation of each example; its last turn is learned.
    public List<List<Message>> conversations() {
        return answers.stream()
                .map(answer -> conversation.subList(0, answer + 1))
                .toList();
    }
}

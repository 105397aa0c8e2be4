package io.lorica.contracts.dataset;

import java.util.Map;

import io.lorica.contracts.template.RenderedExample;

/// One line of a dataset version's `examples.jsonl`: the row's own columns, and beside them the training text of one of
/// its answers with the places where the meaning changes, in UTF-16 units.
///
/// @param line the row's line in the uploaded file, from 1
/// @param columns the row as it was uploaded; none where an earlier example of the row has them
/// @param text prompt, reasoning, answer and end of sequence
/// @param promptEnd where the prompt ends and the reasoning begins
/// @param thinkingEnd where the reasoning ends and the answer begins
/// @param answerEnd where the answer ends and the end-of-sequence text begins
public record TrainingExample(
        int line, Map<String, Object> columns, String text, int promptEnd, int thinkingEnd, int answerEnd) {

    public TrainingExample {
        if (promptEnd < 0 || thinkingEnd < promptEnd || answerEnd < thinkingEnd || text.length() < answerEnd) {
            throw new IllegalArgumentException("line " + line + ": the spans of the text are out of order");
        }
    }

    /// Joins a row with its rendered text.
    public static TrainingExample of(int line, Map<String, Object> columns, RenderedExample rendered) {
        int promptEnd = rendered.prompt().length();
        int thinkingEnd = promptEnd + rendered.thinking().length();
        int answerEnd = thinkingEnd + rendered.answer().length();
        return new TrainingExample(line, columns, rendered.text(), promptEnd, thinkingEnd, answerEnd);
    }

    /// The same without the row's columns, of which training has no need.
    public TrainingExample withoutColumns() {
        return new TrainingExample(line, Map.of(), text, promptEnd, thinkingEnd, answerEnd);
    }
}

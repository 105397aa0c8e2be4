package io.lorica.llm.train;

import java.util.List;

/// What lies in one row of a batch: one sequence, or several behind each other that do not see one another.
///
/// @param examples the sequences, in order
record Window(List<TokenizedExample> examples) {

    Window {
        examples = List.copyOf(examples);
    }

    static Window of(TokenizedExample example) {
        return new Window(List.of(example));
    }

    /// How many tokens it has.
    int length() {
        return examples.stream().mapToInt(example -> example.tokens().length).sum();
    }

    /// How many of them are learned.
    int learned() {
        return examples.stream().mapToInt(TokenizedExample::learned).sum();
    }
}

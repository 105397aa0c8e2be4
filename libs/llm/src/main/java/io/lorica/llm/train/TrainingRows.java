package io.lorica.llm.train;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

import io.lorica.contracts.dataset.TrainingExample;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;

/// The rows of a run as tokens.
///
/// @param training rows to learn from, at least one
/// @param validation rows to measure on, none if there are none
/// @param warnings what the user should know about them
record TrainingRows(List<TokenizedExample> training, List<TokenizedExample> validation, List<String> warnings) {

    static TrainingRows tokenize(
            ExampleTokenizer tokenizer,
            List<TrainingExample> training,
            List<TrainingExample> validation,
            int maxLength) {
        if (training.isEmpty()) {
            throw ProductException.of(
                    ErrorCode.INVALID_TRAINING_FILE, "The training file has no rows to learn from. Add some.");
        }
        List<String> warnings = new ArrayList<>();
        List<TokenizedExample> learned = tokenize(tokenizer, training, "training", maxLength, warnings);
        List<TokenizedExample> measured = tokenize(tokenizer, validation, "validation", maxLength, warnings);
        return new TrainingRows(learned, measured, List.copyOf(warnings));
    }

    /// Some of the training rows.
    List<TokenizedExample> training(List<Integer> indices) {
        return indices.stream().map(training::get).toList();
    }

    /// Rows in groups of at most that size, in order.
    static List<List<TokenizedExample>> parts(List<TokenizedExample> rows, int size) {
        return IntStream.iterate(0, from -> from < rows.size(), from -> from + size)
                .mapToObj(from -> rows.subList(from, Math.min(rows.size(), from + size)))
                .toList();
    }

    private static List<TokenizedExample> tokenize(
            ExampleTokenizer tokenizer, List<TrainingExample> rows, String kind, int maxLength, List<String> warnings) {
        List<TokenizedExample> tokenized = rows.stream()
                .map(tokenizer::tokenize)
                .filter(row -> row.learned() > 0)
                .toList();
        long cut = tokenized.stream().filter(TokenizedExample::cut).count();
        if (cut > 0) {
            warnings.add(cut + " of " + rows.size() + " " + kind + " rows are longer than " + maxLength
                    + " tokens and were cut; their end-of-sequence token is kept.");
        }
        return tokenized;
    }
}

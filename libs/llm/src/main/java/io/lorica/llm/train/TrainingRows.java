package io.lorica.llm.train;

import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.job.JobSpec;
import io.lorica.contracts.job.TrainingPlan;

/// The rows of a run as sequences.
///
/// @param training what to learn from, at least one
/// @param validation what to measure on, none if there is none
/// @param maxLength how many tokens a sequence may have
/// @param warnings what the user should know about them
record TrainingRows(
        List<TokenizedExample> training, List<TokenizedExample> validation, int maxLength, List<String> warnings) {

    /// @throws ProductException when rows are refused, or none is left to learn from
    static TrainingRows of(RowReport training, RowReport validation) {
        training.refuse(ErrorCode.INVALID_TRAINING_FILE);
        validation.refuse(ErrorCode.INVALID_VALIDATION_FILE);
        List<String> warnings = Stream.of(training, validation)
                .flatMap(report -> report.warnings().stream())
                .toList();
        List<TokenizedExample> learned = examples(training);
        if (learned.isEmpty()) {
            throw ProductException.forParameter(
                    ErrorCode.INVALID_TRAINING_FILE,
                    "training_file",
                    String.join(" ", "The training file has no rows to learn from.", String.join(" ", warnings))
                                    .strip()
                            + " Add some.");
        }
        return new TrainingRows(learned, examples(validation), training.maxLength(), warnings);
    }

    /// Refuses a run that is to choose between adapters without rows to choose by.
    ///
    /// @throws ProductException with `INVALID_VALIDATION_FILE`
    void requireValidation(JobSpec spec) {
        if (spec.plan().extras().evaluation().loadBest() && validation.isEmpty()) {
            throw ProductException.forParameter(
                    ErrorCode.INVALID_VALIDATION_FILE,
                    "validation_file",
                    "load_best_model_at_end chooses the adapter by validation rows, and none is left of the validation"
                            + " file. Give rows that fit, or switch it off.");
        }
    }

    /// What the steps of a run learn from.
    Windows windows(TrainingPlan plan, long seed) {
        int windowsPerStep = plan.batchSize() * plan.gradientAccumulation();
        return new Windows(training, plan.extras().rows().packing(), maxLength, windowsPerStep, seed);
    }

    /// What an evaluation measures: windows as the steps have them, the longest first, so that those of about one
    /// length
    /// pass together.
    List<Window> measured(TrainingPlan plan) {
        List<Window> windows = plan.extras().rows().packing()
                ? Windows.packed(validation, RowOrder.inOrder(validation.size()), maxLength)
                : Windows.single(validation);
        return windows.stream()
                .sorted(Comparator.comparingInt(window -> -window.length()))
                .toList();
    }

    private static List<TokenizedExample> examples(RowReport report) {
        return report.rows().stream().flatMap(row -> row.examples().stream()).toList();
    }
}

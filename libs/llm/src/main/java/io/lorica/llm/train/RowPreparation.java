package io.lorica.llm.train;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

import io.lorica.contracts.dataset.TrainingExample;

/// Makes rows into tokens with two workers in the background, while the thread that asked for them loads the model.
/// The order of the rows stays. Closing ends the workers.
final class RowPreparation implements AutoCloseable {

    private static final int WORKERS = 2;
    private static final int ROWS_AT_ONCE = 256;

    private final ExecutorService workers = Executors.newFixedThreadPool(WORKERS);
    private final AtomicInteger done = new AtomicInteger();
    private final ExampleTokenizer tokenizer;
    private final RowFitting fitting;
    private final PreparationProgress progress;
    private final int total;
    private final List<CompletableFuture<List<FittedRow>>> training;
    private final List<CompletableFuture<List<FittedRow>>> validation;

    /// Begins.
    RowPreparation(
            ExampleTokenizer tokenizer,
            RowFitting fitting,
            List<TrainingExample> training,
            List<TrainingExample> validation,
            PreparationProgress progress) {
        this.tokenizer = tokenizer;
        this.fitting = fitting;
        this.progress = progress;
        this.total = training.size() + validation.size();
        this.training = submit(training);
        this.validation = submit(validation);
    }

    /// Waits for the rows.
    ///
    /// @throws io.lorica.contracts.error.ProductException when they cannot be trained on
    TrainingRows rows() {
        return TrainingRows.of(
                new RowReport("training", fitting.maxLength(), join(training)),
                new RowReport("validation", fitting.maxLength(), join(validation)));
    }

    @Override
    public void close() {
        workers.shutdownNow();
        // Waits for what is being encoded, for it uses the tokenizer.
        workers.close();
    }

    private List<CompletableFuture<List<FittedRow>>> submit(List<TrainingExample> rows) {
        List<CompletableFuture<List<FittedRow>>> parts = new ArrayList<>();
        for (int from = 0; from < rows.size(); from += ROWS_AT_ONCE) {
            List<TrainingExample> part = rows.subList(from, Math.min(rows.size(), from + ROWS_AT_ONCE));
            parts.add(CompletableFuture.supplyAsync(() -> prepared(part), workers));
        }
        return parts;
    }

    private List<FittedRow> prepared(List<TrainingExample> part) {
        List<FittedRow> rows =
                part.stream().map(tokenizer::encode).map(fitting::fit).toList();
        progress.prepared(done.addAndGet(part.size()), total);
        return rows;
    }

    private static List<FittedRow> join(List<CompletableFuture<List<FittedRow>>> parts) {
        try {
            return parts.stream().flatMap(part -> part.join().stream()).toList();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }
}

package io.lorica.models;

import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;

/// Downloads of several files at once.
final class ParallelDownloads {

    private static final int PARALLEL_FILES = 4;

    private ParallelDownloads() {}

    /// Runs all of them. The first failure ends the others; what they have is kept.
    static void runAll(List<Runnable> downloads) {
        try (ExecutorService executor = Executors.newFixedThreadPool(
                PARALLEL_FILES, Thread.ofVirtual().name("download-", 0).factory())) {
            ExecutorCompletionService<Void> running = new ExecutorCompletionService<>(executor);
            List<Future<Void>> all = downloads.stream()
                    .map(download -> running.submit(download, null))
                    .toList();
            try {
                for (int i = 0; i < all.size(); i++) {
                    running.take().get();
                }
            } finally {
                all.forEach(download -> download.cancel(true));
            }
        } catch (ExecutionException e) {
            if (e.getCause() instanceof ProductException failure) {
                throw failure;
            }
            throw new IllegalStateException("a download broke off", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw ProductException.of(ErrorCode.HUB_UNAVAILABLE, "The download was interrupted.", e);
        }
    }
}

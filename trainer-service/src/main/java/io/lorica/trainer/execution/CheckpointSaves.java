package io.lorica.trainer.execution;

import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Supplier;

import io.lorica.contracts.adapter.AdapterManifest;
import io.lorica.contracts.error.ErrorKind;
import io.lorica.contracts.error.ProductException;
import io.lorica.llm.train.TrainingRun;
import org.jboss.logging.Logger;

/// The checkpoints of a run on their way to the store. The training thread, which owns this, writes one to
/// disk and goes on with the next step while a thread of its own uploads it; the next checkpoint waits
/// until the one before is there.
final class CheckpointSaves implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(CheckpointSaves.class);

    private final Supplier<Path> directories;
    private final BiFunction<Path, AdapterManifest, AdapterManifest> uploader;
    private final Consumer<AdapterManifest> announce;
    private CompletableFuture<Integer> underWay = CompletableFuture.completedFuture(0);
    private int savedStep;
    private boolean pending;

    /// @param directories gives an empty directory; the one before is then no longer needed
    /// @param uploader makes a checkpoint exist and returns it with its files
    /// @param announce told of each checkpoint that exists, by whichever thread saved it
    CheckpointSaves(
            Supplier<Path> directories,
            BiFunction<Path, AdapterManifest, AdapterManifest> uploader,
            Consumer<AdapterManifest> announce) {
        this.directories = directories;
        this.uploader = uploader;
        this.announce = announce;
    }

    /// Takes the checkpoint that the attempt goes on from as saved. The attempt that wrote it may have been
    /// lost before it could say so.
    void goOnFrom(AdapterManifest checkpoint) {
        savedStep = checkpoint.step();
        announce.accept(checkpoint);
    }

    /// Takes a step that another job has saved as saved.
    void goOnBehind(int step) {
        savedStep = step;
    }

    /// The step of the last checkpoint that is in the store; one that is under way is waited for.
    int savedStep() {
        settle();
        return savedStep;
    }

    /// Whether a checkpoint is still to be saved because the store was away for the one before.
    boolean pending() {
        if (underWay.isDone()) {
            settle();
        }
        return pending;
    }

    /// Begins to save a checkpoint. While the store is away the training goes on, with this one pending.
    ///
    /// @param manifest what it is, files aside
    void begin(TrainingRun run, AdapterManifest manifest) {
        Path directory = write(run);
        pending = false;
        CompletableFuture<Integer> upload = new CompletableFuture<>();
        Thread.ofPlatform().name("checkpoint-upload").start(() -> {
            try {
                upload.complete(upload(directory, manifest));
            } catch (Throwable e) {
                upload.completeExceptionally(e);
            }
        });
        underWay = upload;
    }

    /// Saves a checkpoint and waits until it is in the store.
    ///
    /// @param manifest what it is, files aside
    /// @param patience how to call what may be away
    void save(TrainingRun run, AdapterManifest manifest, Patient patience) {
        Path directory = write(run);
        savedStep = patience.call(() -> upload(directory, manifest));
        pending = false;
    }

    /// How a caller meets a store that is away.
    @FunctionalInterface
    interface Patient {

        /// Calls the action, again and again where need be.
        int call(Supplier<Integer> action);
    }

    /// Waits for the checkpoint that is under way.
    @Override
    public void close() {
        var unused = underWay.handle((_, failure) -> {
                    if (failure != null) {
                        LOG.warnf("last checkpoint not saved: %s", failure.getMessage());
                    }
                    return savedStep;
                })
                .join();
    }

    private void settle() {
        CompletableFuture<Integer> settled = underWay;
        underWay = CompletableFuture.completedFuture(savedStep);
        try {
            savedStep = Math.max(savedStep, settled.join());
        } catch (CompletionException e) {
            if (e.getCause() instanceof ProductException failure
                    && failure.code().kind() == ErrorKind.UNAVAILABLE) {
                pending = true;
                LOG.warnf("checkpoint postponed: %s", failure.detail());
                return;
            }
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }

    // The directory of the checkpoint before is taken away, so that one must be in the store.
    private Path write(TrainingRun run) {
        settle();
        Path directory = directories.get();
        run.saveCheckpoint(directory);
        return directory;
    }

    private int upload(Path directory, AdapterManifest manifest) {
        AdapterManifest whole = uploader.apply(directory, manifest);
        announce.accept(whole);
        return whole.step();
    }
}

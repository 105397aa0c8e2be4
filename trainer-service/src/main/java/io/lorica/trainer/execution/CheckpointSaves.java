package io.lorica.trainer.execution;

import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Supplier;

import io.lorica.contracts.adapter.AdapterManifest;
import io.lorica.contracts.adapter.ArtifactFile;
import io.lorica.contracts.error.ErrorCode;
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
    private final Delays delays;
    private CompletableFuture<Integer> underWay = CompletableFuture.completedFuture(0);
    private int savedStep;
    private boolean pending;
    private volatile long lastBytes;

    /// @param directories gives an empty directory; the one before is then no longer needed
    /// @param uploader makes a checkpoint exist and returns it with its files
    /// @param announce told of each checkpoint that exists, by whichever thread saved it
    /// @param delays hears of checkpoints that have to wait
    CheckpointSaves(
            Supplier<Path> directories,
            BiFunction<Path, AdapterManifest, AdapterManifest> uploader,
            Consumer<AdapterManifest> announce,
            Delays delays) {
        this.directories = directories;
        this.uploader = uploader;
        this.announce = announce;
        this.delays = delays;
    }

    /// How checkpoints meet a store that is away and a disk that is full while the training goes on.
    interface Delays {

        /// The fault of the machine behind a failure, or the failure itself.
        ///
        /// @param needed about how many bytes a checkpoint takes, 0 where that is not known
        RuntimeException translate(RuntimeException failure, long needed);

        /// A checkpoint could not be saved and is tried again later.
        void postponed(ProductException failure);

        /// Tells whether it is time for another try.
        boolean due();

        /// A checkpoint is saved.
        void saved();
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

    /// Whether a checkpoint is still to be saved because the one before could not be, and it is time to try again.
    boolean pending() {
        if (underWay.isDone()) {
            settle();
        }
        return pending && delays.due();
    }

    /// Begins to save a checkpoint. While the store is away or the disk is full the training goes on, with this one
    /// pending.
    ///
    /// @param manifest what it is, files aside
    void begin(TrainingRun run, AdapterManifest manifest) {
        Path directory;
        try {
            directory = write(run);
        } catch (ProductException e) {
            postpone(e);
            return;
        }
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
        savedStep = patience.call(() -> upload(write(run), manifest));
        pending = false;
        delays.saved();
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
            int step = settled.join();
            if (step > savedStep) {
                savedStep = step;
                delays.saved();
            }
        } catch (CompletionException e) {
            if (e.getCause() instanceof ProductException failure) {
                postpone(failure);
                return;
            }
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }

    // A job that another trainer has taken over is left at the next step.
    private void postpone(ProductException failure) {
        if (!failure.code().passing() && failure.code() != ErrorCode.LEASE_LOST) {
            throw failure;
        }
        pending = true;
        LOG.warnf("checkpoint postponed: %s", failure.detail());
        if (failure.code().passing()) {
            delays.postponed(failure);
        }
    }

    // The directory of the checkpoint before is taken away, so that one must be in the store.
    private Path write(TrainingRun run) {
        settle();
        try {
            Path directory = directories.get();
            run.saveCheckpoint(directory);
            return directory;
        } catch (RuntimeException e) {
            throw delays.translate(e, lastBytes);
        }
    }

    private int upload(Path directory, AdapterManifest manifest) {
        AdapterManifest whole = uploader.apply(directory, manifest);
        announce.accept(whole);
        lastBytes = whole.files().stream().mapToLong(ArtifactFile::size).sum();
        return whole.step();
    }
}

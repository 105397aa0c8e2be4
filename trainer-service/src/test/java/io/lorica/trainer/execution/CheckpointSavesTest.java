package io.lorica.trainer.execution;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

import io.lorica.contracts.adapter.AdapterManifest;
import io.lorica.contracts.adapter.ArtifactFile;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.kit.retry.MachineFault;
import io.lorica.llm.train.TrainingRun;
import io.lorica.trainer.Jobs;
import io.lorica.trainer.job.Job;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

@Timeout(60)
class CheckpointSavesTest {

    private static final Job JOB = Jobs.running(1);
    private static final ProductException AWAY = ProductException.of(ErrorCode.STORE_UNAVAILABLE, "The store is away.");

    private final List<Integer> announced = Collections.synchronizedList(new ArrayList<>());
    private final List<String> uploaded = Collections.synchronizedList(new ArrayList<>());
    private final Semaphore storeAnswers = new Semaphore(0);
    private final Delays delays = new Delays();
    private volatile boolean storeAway;
    private volatile boolean diskFull;
    private int step;

    @TempDir
    Path folder;

    @Test
    void letsTheTrainingGoOnWhileACheckpointIsUploadedAndTheNextOneWaits() {
        // Given
        CheckpointSaves saves = saves();
        begin(saves, 1);
        assertThat(announced).isEmpty();

        // When
        CompletableFuture<Void> next = CompletableFuture.runAsync(() -> begin(saves, 2));

        // Then
        await().during(Duration.ofMillis(200)).until(() -> !next.isDone());
        storeAnswers.release(2);
        next.join();
        assertThat(saves.savedStep()).isEqualTo(2);
        assertThat(announced).containsExactly(1, 2);
        assertThat(uploaded).containsExactly("weights of step 1", "weights of step 2");
    }

    @Test
    void keepsACheckpointPendingThatTheStoreDidNotTake() {
        // Given
        CheckpointSaves saves = saves();
        storeAnswers.release(10);
        storeAway = true;
        begin(saves, 1);
        await().until(saves::pending);

        // When
        storeAway = false;
        begin(saves, 2);

        // Then
        assertThat(saves.savedStep()).isEqualTo(2);
        assertThat(saves.pending()).isFalse();
        assertThat(announced).containsExactly(2);
    }

    @Test
    void stopsTheTrainingWhereACheckpointCannotBeSavedForAnotherReason() {
        // Given
        CheckpointSaves saves = new CheckpointSaves(
                () -> folder,
                (_, _) -> {
                    throw new IllegalStateException("broken");
                },
                manifest -> announced.add(manifest.step()),
                delays);
        begin(saves, 1);

        // When, Then
        assertThatThrownBy(saves::savedStep)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("broken");
    }

    @Test
    void keepsTheTrainingGoingWhileTheDiskIsFullAndSavesWhenThereIsRoom() {
        // Given
        CheckpointSaves saves = saves();
        storeAnswers.release(10);
        begin(saves, 1);
        assertThat(saves.savedStep()).isEqualTo(1);
        diskFull = true;

        // When
        begin(saves, 2);

        // Then: what is needed is known from the checkpoint before
        assertThat(delays.told).containsExactly("saved", "postponed out_of_disk");
        assertThat(delays.detail).contains("No space left on the disk of", "about 0.0 MiB needed");
        assertThat(saves.pending()).isTrue();
        diskFull = false;
        begin(saves, 3);
        assertThat(saves.savedStep()).isEqualTo(3);
        assertThat(saves.pending()).isFalse();
        assertThat(delays.told).containsExactly("saved", "postponed out_of_disk", "saved");
    }

    @Test
    void waitsBeforeItTriesAgain() {
        // Given
        CheckpointSaves saves = saves();
        diskFull = true;
        begin(saves, 1);

        // When
        delays.due = false;

        // Then
        assertThat(saves.pending()).isFalse();
        delays.due = true;
        assertThat(saves.pending()).isTrue();
    }

    @Test
    void waitsForRoomWhereTheTrainingCannotGoOn() {
        // Given
        CheckpointSaves saves = saves();
        storeAnswers.release(10);
        diskFull = true;
        step = 1;

        // When
        saves.save(run(), manifest(1), action -> {
            assertThatThrownBy(action::get)
                    .isInstanceOfSatisfying(
                            ProductException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.OUT_OF_DISK));
            diskFull = false;
            return action.get();
        });

        // Then
        assertThat(saves.savedStep()).isEqualTo(1);
    }

    @Test
    void savesAfterTheOneThatIsUnderWayWhereTheTrainingMustWait() {
        // Given
        CheckpointSaves saves = saves();
        storeAnswers.release(2);
        begin(saves, 1);

        // When
        step = 2;
        saves.save(run(), manifest(2), Supplier::get);

        // Then
        assertThat(announced).containsExactly(1, 2);
        assertThat(saves.savedStep()).isEqualTo(2);
    }

    @Test
    void waitsAtItsEndForTheCheckpointThatIsUnderWay() {
        // Given
        CheckpointSaves saves = saves();
        begin(saves, 1);

        // When
        CompletableFuture<Void> closed = CompletableFuture.runAsync(saves::close);

        // Then
        await().during(Duration.ofMillis(200)).until(() -> !closed.isDone());
        storeAnswers.release();
        closed.join();
        assertThat(announced).containsExactly(1);
    }

    @Test
    void takesTheCheckpointThatItGoesOnFromAsSaved() {
        // Given
        CheckpointSaves saves = saves();

        // When
        saves.goOnFrom(manifest(4));

        // Then
        assertThat(saves.savedStep()).isEqualTo(4);
        assertThat(announced).containsExactly(4);
    }

    private CheckpointSaves saves() {
        return new CheckpointSaves(() -> folder, this::upload, manifest -> announced.add(manifest.step()), delays);
    }

    private void begin(CheckpointSaves saves, int at) {
        step = at;
        saves.begin(run(), manifest(at));
    }

    private AdapterManifest upload(Path directory, AdapterManifest manifest) {
        storeAnswers.acquireUninterruptibly();
        if (storeAway) {
            throw AWAY;
        }
        try {
            uploaded.add(Files.readString(directory.resolve("weights")));
            return manifest;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private TrainingRun run() {
        return (TrainingRun) Proxy.newProxyInstance(
                TrainingRun.class.getClassLoader(), new Class<?>[] {TrainingRun.class}, (_, method, arguments) -> {
                    if (!method.getName().equals("saveCheckpoint")) {
                        throw new UnsupportedOperationException(method.getName());
                    }
                    if (diskFull) {
                        throw new UncheckedIOException(new IOException("No space left on device"));
                    }
                    Files.writeString(((Path) arguments[0]).resolve("weights"), "weights of step " + step);
                    return null;
                });
    }

    private static AdapterManifest manifest(int step) {
        ArtifactFile weights = new ArtifactFile("weights", "blobs/weights", "ab".repeat(32), 17);
        return Jobs.checkpoint(JOB, 1, step, List.of(weights));
    }

    private final class Delays implements CheckpointSaves.Delays {

        private final List<String> told = new ArrayList<>();
        private String detail = "";
        private boolean due = true;

        @Override
        public RuntimeException translate(RuntimeException failure, long needed) {
            return MachineFault.behind(failure, folder, "lorica.trainer.work-directory", needed)
                    .map(RuntimeException.class::cast)
                    .orElse(failure);
        }

        @Override
        public void postponed(ProductException failure) {
            told.add("postponed " + failure.code().wireName());
            detail = failure.detail();
        }

        @Override
        public boolean due() {
            return due;
        }

        @Override
        public void saved() {
            told.add("saved");
        }
    }
}

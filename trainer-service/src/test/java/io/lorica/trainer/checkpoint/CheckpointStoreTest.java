package io.lorica.trainer.checkpoint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

import io.lorica.contracts.adapter.AdapterManifest;
import io.lorica.contracts.adapter.ArtifactFile;
import io.lorica.contracts.id.AdapterId;
import io.lorica.contracts.job.JobSpec;
import io.lorica.contracts.job.ParentAdapter;
import io.lorica.storage.ArtifactLayout;
import io.lorica.storage.DirectoryObjectStore;
import io.lorica.storage.ObjectKey;
import io.lorica.storage.ObjectStore;
import io.lorica.trainer.Jobs;
import io.lorica.trainer.job.Job;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

class CheckpointStoreTest {

    private final Job job = Jobs.running(1);

    @TempDir
    Path directory;

    private ObjectStore store;
    private ArtifactUpload upload;
    private CheckpointStore checkpoints;

    @BeforeEach
    void openStore() {
        store = new DirectoryObjectStore(directory.resolve("store"));
        upload = new ArtifactUpload(store);
        checkpoints = new CheckpointStore(store);
    }

    @Test
    void findsNothingBeforeTheFirst() {
        assertThat(checkpoints.restoreNewest(job.adapter(), directory)).isEmpty();
        assertThat(checkpoints.newestAttempt(job.adapter())).isZero();
    }

    @Test
    void restoresTheNewest() throws IOException {
        // Given
        save(1, 9, "nine");
        save(2, 10, "ten");
        save(3, 100, "hundred");
        Path restored = directory.resolve("restored");

        // When
        Optional<AdapterManifest> found = checkpoints.restoreNewest(job.adapter(), restored);

        // Then
        assertThat(found).map(AdapterManifest::step).contains(100);
        assertThat(restored.resolve("weights")).hasContent("hundred");
        assertThat(checkpoints.newestAttempt(job.adapter())).isEqualTo(3);
    }

    @Test
    void restoresTheOneOfAStep() throws IOException {
        // Given
        save(1, 9, "nine");
        save(1, 10, "ten");

        // When
        Optional<AdapterManifest> found = checkpoints.restore(job.adapter(), 9, directory.resolve("nine"));

        // Then
        assertThat(found).map(AdapterManifest::step).contains(9);
        assertThat(directory.resolve("nine/weights")).hasContent("nine");
        assertThat(checkpoints.restore(job.adapter(), 8, directory.resolve("eight")))
                .isEmpty();
    }

    @Test
    void restoresAStepOfTheRunThatAJobGoesOnWith() throws IOException {
        // Given: a job that goes on after step 10 of another, and has done ten more
        save(1, 5, "five");
        save(1, 10, "ten");
        ParentAdapter parent =
                new ParentAdapter(job.modelName().checkpoint(10).toString(), job.adapter(), 10, "ab".repeat(32), true);
        JobSpec spec = job.spec().on(parent);
        AdapterId own = AdapterId.random();

        // When
        Optional<AdapterManifest> before = checkpoints.restore(own, spec, 5, directory.resolve("five"));

        // Then
        assertThat(before).map(AdapterManifest::step).contains(5);
        assertThat(directory.resolve("five/weights")).hasContent("five");
        assertThat(checkpoints.restore(own, spec, 20, directory.resolve("twenty")))
                .isEmpty();
        assertThat(checkpoints.restoreParent(parent, directory.resolve("parent")))
                .map(AdapterManifest::step)
                .contains(10);
        store.delete(ArtifactLayout.checkpointManifest(job.adapter(), 10));
        assertThat(checkpoints.restoreParent(parent, directory.resolve("parent")))
                .isEmpty();
    }

    @Test
    void passesOverOneWhoseFileIsDamaged() throws IOException {
        // Given
        save(1, 10, "whole");
        AdapterManifest later = save(1, 20, "damaged");
        store.put(new ObjectKey(later.files().getFirst().key()), "damagee".getBytes(UTF_8), "text/plain");

        // When
        Optional<AdapterManifest> found = checkpoints.restoreNewest(job.adapter(), directory.resolve("restored"));

        // Then
        assertThat(found).map(AdapterManifest::step).contains(10);
        assertThat(directory.resolve("restored/weights")).hasContent("whole");
    }

    @Test
    void passesOverOneWhoseFileIsGoneOrWhoseManifestIsDamaged() throws IOException {
        // Given
        save(1, 10, "whole");
        AdapterManifest later = save(1, 20, "gone");
        store.delete(new ObjectKey(later.files().getFirst().key()));
        store.put(ArtifactLayout.checkpointManifest(job.adapter(), 30), "{\"adapter\":".getBytes(UTF_8), "text/plain");

        // When
        Optional<AdapterManifest> found = checkpoints.restoreNewest(job.adapter(), directory.resolve("restored"));

        // Then
        assertThat(found).map(AdapterManifest::step).contains(10);
    }

    @Test
    void keepsTheFirstOfTwoAtOneStep() throws IOException {
        // Given
        save(1, 10, "first");

        // When
        save(2, 10, "second");

        // Then
        checkpoints.restoreNewest(job.adapter(), directory.resolve("restored"));
        assertThat(directory.resolve("restored/weights")).hasContent("first");
    }

    @Test
    void storesEqualFilesOnce() throws IOException {
        // When
        String first = save(1, 10, "same").files().getFirst().key();
        String second = save(1, 20, "same").files().getFirst().key();

        // Then
        assertThat(second).isEqualTo(first);
    }

    private AdapterManifest save(int attempt, int step, String weights) throws IOException {
        Path files = Files.createDirectories(directory.resolve("step-" + step + "-" + attempt));
        Files.writeString(files.resolve("weights"), weights);
        List<ArtifactFile> uploaded = upload.asBlobs(job.adapter(), files);
        AdapterManifest manifest = Jobs.checkpoint(job, attempt, step, uploaded);
        checkpoints.commit(manifest);
        return manifest;
    }
}

package io.lorica.trainer.checkpoint;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import io.lorica.contracts.adapter.ArtifactFile;
import io.lorica.storage.DirectoryObjectStore;
import io.lorica.storage.ObjectKey;
import io.lorica.storage.ObjectStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

class ArtifactUploadTest {

    @Test
    void aLaterAttemptReplacesWhatAnEarlierOneLeftUnderTheSameName(@TempDir Path directory) throws IOException {
        // Given: weights of one shape are equally long, whatever they are
        ObjectStore store = new DirectoryObjectStore(directory.resolve("store"));
        ArtifactUpload upload = new ArtifactUpload(store);
        Path files = Files.createDirectories(directory.resolve("files"));
        ObjectKey place = ObjectKey.of("merged");
        Files.writeString(files.resolve("model.safetensors"), "first attempt.", UTF_8);
        List<ArtifactFile> first = upload.asNamed(place, files);

        // When
        Files.writeString(files.resolve("model.safetensors"), "second attempt", UTF_8);
        List<ArtifactFile> second = upload.asNamed(place, files);

        // Then
        try (InputStream stored = store.open(place.child("model.safetensors"))) {
            assertThat(stored).hasContent("second attempt");
        }
        assertThat(second.getFirst().key()).isEqualTo(first.getFirst().key());
        assertThat(second.getFirst().sha256()).isNotEqualTo(first.getFirst().sha256());
    }
}

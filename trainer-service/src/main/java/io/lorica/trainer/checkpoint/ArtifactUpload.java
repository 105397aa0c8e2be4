package io.lorica.trainer.checkpoint;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

import io.lorica.contracts.adapter.ArtifactFile;
import io.lorica.contracts.id.AdapterId;
import io.lorica.storage.ArtifactLayout;
import io.lorica.storage.Digests;
import io.lorica.storage.ObjectKey;
import io.lorica.storage.ObjectStore;
import io.lorica.storage.StoredDigest;
import jakarta.inject.Singleton;

/// Brings the files of a directory into the store.
@Singleton
public final class ArtifactUpload {

    private static final String BINARY = "application/octet-stream";

    private final ObjectStore store;

    ArtifactUpload(ObjectStore store) {
        this.store = store;
    }

    /// Uploads the files under names made of their content, so that equal files are stored once.
    public List<ArtifactFile> asBlobs(AdapterId adapter, Path directory) {
        return files(directory).stream().map(file -> asBlob(adapter, file)).toList();
    }

    /// Uploads the files under their own names below a prefix, over what an attempt before may have left there.
    public List<ArtifactFile> asNamed(ObjectKey prefix, Path directory) {
        return files(directory).stream()
                .map(file -> uploaded(prefix.child(name(file)), file))
                .toList();
    }

    private ArtifactFile asBlob(AdapterId adapter, Path file) {
        try {
            String sha256 = Digests.sha256(file);
            long size = Files.size(file);
            ObjectKey key = ArtifactLayout.adapterBlob(adapter, sha256);
            return stored(key, size) ? new ArtifactFile(name(file), key.value(), sha256, size) : uploaded(key, file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Whether the object of a name made of its content is there in full.
    private boolean stored(ObjectKey key, long size) {
        return store.stat(key).filter(known -> known.size() == size).isPresent();
    }

    // The digest is the one that was taken on the way, so that a large file is read for it once.
    private ArtifactFile uploaded(ObjectKey key, Path file) {
        StoredDigest written = store.put(key, file, BINARY);
        return new ArtifactFile(name(file), key.value(), written.sha256(), written.size());
    }

    private static String name(Path file) {
        return file.getFileName().toString();
    }

    private static List<Path> files(Path directory) {
        try (Stream<Path> content = Files.list(directory)) {
            return content.filter(Files::isRegularFile).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

package io.lorica.trainer.checkpoint;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.BiPredicate;
import java.util.stream.Stream;

import io.lorica.contracts.adapter.ArtifactFile;
import io.lorica.contracts.id.AdapterId;
import io.lorica.storage.ArtifactLayout;
import io.lorica.storage.Digests;
import io.lorica.storage.ObjectKey;
import io.lorica.storage.ObjectStore;
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
        return upload(directory, (_, sha256) -> ArtifactLayout.adapterBlob(adapter, sha256), this::stored);
    }

    /// Uploads the files under their own names below a prefix, over what an attempt before may have left there.
    public List<ArtifactFile> asNamed(ObjectKey prefix, Path directory) {
        return upload(directory, (name, _) -> prefix.child(name), (_, _) -> false);
    }

    /// Whether the object of a name made of its content is there in full.
    private boolean stored(ObjectKey key, long size) {
        return store.stat(key).filter(known -> known.size() == size).isPresent();
    }

    private List<ArtifactFile> upload(
            Path directory, BiFunction<String, String, ObjectKey> keyOf, BiPredicate<ObjectKey, Long> alreadyThere) {
        List<ArtifactFile> uploaded = new ArrayList<>();
        for (Path file : files(directory)) {
            try {
                String name = file.getFileName().toString();
                String sha256 = Digests.sha256(file);
                long size = Files.size(file);
                ObjectKey key = keyOf.apply(name, sha256);
                if (!alreadyThere.test(key, size)) {
                    store.put(key, file, BINARY);
                }
                uploaded.add(new ArtifactFile(name, key.value(), sha256, size));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return uploaded;
    }

    private static List<Path> files(Path directory) {
        try (Stream<Path> content = Files.list(directory)) {
            return content.filter(Files::isRegularFile).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

package io.lorica.models;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.id.BaseModelId;
import io.lorica.storage.ObjectKey;
import io.lorica.storage.ObjectStore;
import io.lorica.storage.ObjectStores;
import io.lorica.storage.StoredObject;

/// Base models from directories, from S3 and from a hub; what comes over the network is kept in a cache directory and
/// is
/// fetched once, by whichever process asks first.
public final class CachedBaseModels implements BaseModels {

    private static final String COMPLETE = ".complete";

    private final ModelsSettings settings;
    private final HubClient hub;

    /// Base models as the settings say.
    public CachedBaseModels(ModelsSettings settings) {
        this.settings = settings;
        this.hub = new HubClient(settings.hub(), settings.token());
    }

    @Override
    public BaseModelProfile profile(BaseModelId model) {
        return switch (ModelSource.of(model)) {
            case ModelSource.Directory directory -> ProfileReader.read(model, existing(model, directory.path()));
            case ModelSource.Bucket bucket -> ProfileReader.read(model, profileFiles(model, bucket));
            case ModelSource.Hub repository -> ProfileReader.read(model, profileFiles(model, repository));
        };
    }

    @Override
    public Path fetch(BaseModelId model, FetchProgress progress) {
        return switch (ModelSource.of(model)) {
            case ModelSource.Directory directory -> existing(model, directory.path());
            case ModelSource.Bucket bucket -> fetch(model, bucket, progress);
            case ModelSource.Hub repository -> fetch(model, repository, progress);
        };
    }

    private Path fetch(BaseModelId model, ModelSource.Hub repository, FetchProgress progress) {
        HubClient.Revision revision = hub.revision(repository);
        Path target = settings.cache()
                .resolve("hub")
                .resolve(repository.repository().replace("/", "--"))
                .resolve(revision.commit());
        return once(target, () -> {
            requireWeights(
                    model,
                    revision.files().stream().map(HubClient.RemoteFile::name).toList());
            hub.download(repository, revision, target, progress);
        });
    }

    private Path fetch(BaseModelId model, ModelSource.Bucket bucket, FetchProgress progress) {
        ObjectStore store = ObjectStores.open(settings.store().withBucket(bucket.bucket()));
        List<StoredObject> files = files(store, bucket);
        if (files.isEmpty()) {
            throw noFiles(model);
        }
        requireWeights(model, files.stream().map(file -> file.key().name()).toList());
        // A changed object has another time: what was fetched before it is not taken for it.
        long stamp = files.stream()
                .mapToLong(file -> file.lastModified().toEpochMilli())
                .max()
                .orElse(0);
        Path target = settings.cache()
                .resolve("s3")
                .resolve(bucket.bucket())
                .resolve(bucket.prefix().value())
                .resolve(Long.toString(stamp));
        return once(target, () -> {
            DiskSpace.require(
                    target, files.stream().mapToLong(StoredObject::size).sum());
            copy(store, files, target, progress);
        });
    }

    private static void copy(ObjectStore store, List<StoredObject> files, Path target, FetchProgress progress) {
        long total = files.stream().mapToLong(StoredObject::size).sum();
        long done = 0;
        for (StoredObject file : files) {
            Path local = target.resolve(file.key().name());
            if (!Files.exists(local)) {
                store.download(file.key(), local, Optional.empty());
            }
            done += file.size();
            progress.report(file.key().name(), done, total);
        }
    }

    private Path profileFiles(BaseModelId model, ModelSource.Bucket bucket) {
        ObjectStore store = ObjectStores.open(settings.store().withBucket(bucket.bucket()));
        return temporary(folder -> {
            for (String name : ModelFiles.PROFILE) {
                ObjectKey key = bucket.prefix().child(name);
                if (store.stat(key).isEmpty()) {
                    throw noFiles(model);
                }
                Files.write(folder.resolve(name), store.read(key));
            }
        });
    }

    private Path profileFiles(BaseModelId model, ModelSource.Hub repository) {
        HubClient.Revision revision = hub.revision(repository);
        requireWeights(
                model, revision.files().stream().map(HubClient.RemoteFile::name).toList());
        return temporary(folder -> {
            for (String name : ModelFiles.PROFILE) {
                Files.write(folder.resolve(name), hub.read(repository, revision, name));
            }
        });
    }

    private static List<StoredObject> files(ObjectStore store, ModelSource.Bucket bucket) {
        return store.list(bucket.prefix()).stream()
                .filter(file -> ModelFiles.needed(
                        file.key().value().substring(bucket.prefix().value().length() + 1)))
                .toList();
    }

    private static void requireWeights(BaseModelId model, List<String> names) {
        if (names.stream().noneMatch(ModelFiles::weights)) {
            boolean pickled = names.stream().anyMatch(name -> name.endsWith(".bin"));
            throw ProductException.forParameter(
                    ErrorCode.UNSUPPORTED_MODEL,
                    "model",
                    "'" + model + "' has no .safetensors weights"
                            + (pickled ? ", only pickled ones, which can run code and are not loaded." : ".")
                            + " Choose a model that is published as safetensors.");
        }
    }

    private static Path existing(BaseModelId model, Path directory) {
        if (!Files.isDirectory(directory)) {
            throw ProductException.forParameter(
                    ErrorCode.MODEL_NOT_FOUND,
                    "model",
                    "There is no directory " + directory.toAbsolutePath() + ". Give a directory that holds a model,"
                            + " an s3:// prefix, or a hub repository such as org/name.");
        }
        try (Stream<Path> content = Files.list(directory)) {
            requireWeights(
                    model, content.map(file -> file.getFileName().toString()).toList());
            return directory;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ProductException noFiles(BaseModelId model) {
        return ProductException.forParameter(
                ErrorCode.MODEL_NOT_FOUND,
                "model",
                "There is no model under '" + model + "': config.json and tokenizer_config.json are missing there.");
    }

    // The lock makes a second process wait for the first one's fetch instead of writing into it.
    private static Path once(Path target, Runnable fetch) {
        if (Files.exists(target.resolve(COMPLETE))) {
            return target;
        }
        try {
            Files.createDirectories(target);
            synchronized (CachedBaseModels.class) {
                try (FileChannel channel = FileChannel.open(
                                target.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                        FileLock lock = channel.lock()) {
                    if (lock.isValid() && !Files.exists(target.resolve(COMPLETE))) {
                        fetch.run();
                        Files.createFile(target.resolve(COMPLETE));
                    }
                    return target;
                }
            }
        } catch (IOException e) {
            throw DiskSpace.failure(target, e);
        }
    }

    /// Fills a directory.
    private interface Filling {
        void fill(Path folder) throws IOException;
    }

    private static Path temporary(Filling filling) {
        try {
            Path folder = Files.createTempDirectory("lorica-model-profile");
            folder.toFile().deleteOnExit();
            filling.fill(folder);
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

package io.lorica.models;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.id.BaseModelId;
import io.lorica.storage.Digests;
import io.lorica.storage.ObjectKey;
import io.lorica.storage.ObjectStore;
import io.lorica.storage.ObjectStores;
import io.lorica.storage.StoreSettings;
import io.lorica.storage.StoredObject;

/// Base models below prefixes of S3 buckets.
final class BucketModels {

    private final Path cache;
    private final StoreSettings settings;
    private final Map<String, ObjectStore> stores = new ConcurrentHashMap<>();

    BucketModels(Path cache, StoreSettings settings) {
        this.cache = cache;
        this.settings = settings;
    }

    BaseModelProfile profile(BaseModelId model, ModelSource.Bucket bucket) {
        ObjectStore store = store(bucket);
        return ProfileReader.read(model, name -> small(store, bucket.prefix().child(name)));
    }

    private static Optional<byte[]> small(ObjectStore store, ObjectKey key) {
        try {
            return Optional.of(store.read(key));
        } catch (ProductException e) {
            if (e.code() == ErrorCode.OBJECT_NOT_FOUND) {
                return Optional.empty();
            }
            throw e;
        }
    }

    Path fetch(BaseModelId model, ModelSource.Bucket bucket, FetchProgress progress) {
        ObjectStore store = store(bucket);
        List<StoredObject> files = files(model, store, bucket);
        CachedBaseModels.requireWeights(
                model, files.stream().map(file -> file.key().name()).toList());
        CacheEntry entry =
                new CacheEntry(cache.resolve("s3").resolve(bucket.bucket()).resolve(fingerprint(files)));
        return entry.filled(() -> copy(store, files, entry.directory(), progress));
    }

    private ObjectStore store(ModelSource.Bucket bucket) {
        return stores.computeIfAbsent(bucket.bucket(), name -> ObjectStores.open(settings.withBucket(name)));
    }

    private static List<StoredObject> files(BaseModelId model, ObjectStore store, ModelSource.Bucket bucket) {
        List<StoredObject> files;
        try {
            files = store.list(bucket.prefix()).stream()
                    .filter(file -> ModelFiles.needed(
                            file.key().value().substring(bucket.prefix().value().length() + 1)))
                    .toList();
        } catch (ProductException e) {
            if (e.code() != ErrorCode.OBJECT_NOT_FOUND) {
                throw e;
            }
            files = List.of();
        }
        if (files.isEmpty()) {
            throw ProductException.forParameter(
                    ErrorCode.MODEL_NOT_FOUND,
                    "model",
                    "There is no model under '" + model + "'. Check bucket and prefix; a model consists of config.json,"
                            + " tokenizer.json, tokenizer_config.json and *.safetensors.");
        }
        return files;
    }

    // An object that is changed has another time or length: what was fetched before is not taken for it.
    private String fingerprint(List<StoredObject> files) {
        String listing = files.stream()
                .map(file -> file.key() + " " + file.size() + " "
                        + file.lastModified().toEpochMilli())
                .collect(Collectors.joining("\n", settings.endpoint() + "\n", ""));
        return Digests.sha256(listing.getBytes(StandardCharsets.UTF_8)).substring(0, 32);
    }

    private static void copy(ObjectStore store, List<StoredObject> files, Path target, FetchProgress progress) {
        long total = files.stream().mapToLong(StoredObject::size).sum();
        long done = files.stream()
                .filter(file -> Files.exists(target.resolve(file.key().name())))
                .mapToLong(StoredObject::size)
                .sum();
        DiskSpace.require(target, total - done);
        for (StoredObject file : files) {
            Path local = target.resolve(file.key().name());
            // The store brings files whole or not at all, so one that is here is whole.
            if (!Files.exists(local)) {
                store.download(file.key(), local, Optional.empty());
                done += file.size();
            }
            progress.report(file.key().name(), done, total);
        }
    }
}

package io.lorica.models;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.FailureWords;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.id.BaseModelId;
import io.lorica.gguf.ByteSource;
import io.lorica.gguf.GgufFile;
import io.lorica.gguf.GgufLayout;
import io.lorica.storage.Digests;
import io.lorica.storage.ObjectStore;
import io.lorica.storage.ObjectStores;
import io.lorica.storage.StoreSettings;
import io.lorica.storage.StoredObject;
import org.jboss.logging.Logger;

/// Base models in S3 buckets: below a prefix, or one GGUF file.
final class BucketModels {

    private static final Logger LOG = Logger.getLogger(BucketModels.class);

    private final Path cache;
    private final StoreSettings settings;
    private final BackgroundRefresh refresh;
    private final Function<String, ObjectStore> buckets;

    BucketModels(Path cache, StoreSettings settings, BackgroundRefresh refresh) {
        this.cache = cache;
        this.refresh = refresh;
        this.settings = settings;
        this.buckets = ObjectStores.buckets(settings);
    }

    /// A model in a store.
    ///
    /// @param files its files by their names in it
    private record Found(ObjectStore store, ModelForm form, SequencedMap<String, StoredObject> files) {}

    BaseModelProfile profile(BaseModelId model, ModelSource.Bucket bucket) {
        return unlessAway(
                model,
                bucket,
                () -> profile(model, find(model, bucket)),
                kept -> LocalModels.profile(model, LocalModels.fetched(model, kept)));
    }

    private static BaseModelProfile profile(BaseModelId model, Found found) {
        return switch (found.form()) {
            case ModelForm.Layout _ ->
                ProfileReader.read(
                        model,
                        name -> Optional.ofNullable(found.files().get(name))
                                .map(file -> found.store().read(file.key())));
            case ModelForm.Gguf gguf -> {
                StoredObject file = found.files().firstEntry().getValue();
                try (GgufFile header = GgufFile.header(new ObjectBytes(found.store(), gguf.file(), file))) {
                    yield ProfileReader.read(model, name -> GgufLayout.read(header, name));
                }
            }
        };
    }

    /// The model as the store has it now, or as it was fetched last while the store is away.
    Path fetch(BaseModelId model, ModelSource.Bucket bucket, FetchProgress progress) {
        return unlessAway(
                model, bucket, () -> fetchNow(model, bucket, progress), kept -> LocalModels.fetched(model, kept));
    }

    /// The model as it was fetched last; the store is looked at in the background, for the next time.
    Optional<Path> kept(BaseModelId model, ModelSource.Bucket bucket) {
        Optional<Path> kept = keptEntry(bucket).map(directory -> LocalModels.fetched(model, directory));
        if (kept.isPresent()) {
            refresh.soon(model.value(), () -> fetchNow(model, bucket, FetchProgress.silent()));
        }
        return kept;
    }

    private Path fetchNow(BaseModelId model, ModelSource.Bucket bucket, FetchProgress progress) {
        Found found = find(model, bucket);
        String fingerprint = fingerprint(found.files().values());
        CacheEntry entry = entry(bucket, fingerprint);
        Path fetched = found.form().in(entry.filled(() -> copy(found, entry.directory(), progress)));
        reference(bucket).write(fingerprint);
        return fetched;
    }

    private <T> T unlessAway(
            BaseModelId model, ModelSource.Bucket bucket, Supplier<T> now, Function<Path, T> otherwise) {
        try {
            return now.get();
        } catch (ProductException e) {
            Optional<Path> kept = e.code() == ErrorCode.STORE_UNAVAILABLE ? keptEntry(bucket) : Optional.empty();
            if (kept.isEmpty()) {
                throw e;
            }
            LOG.warnf("store away, using the model as fetched last model=%s reason=%s", model, e.detail());
            return otherwise.apply(kept.get());
        }
    }

    private Optional<Path> keptEntry(ModelSource.Bucket bucket) {
        return reference(bucket)
                .read()
                .flatMap(fingerprint -> entry(bucket, fingerprint).whole());
    }

    private CacheEntry entry(ModelSource.Bucket bucket, String fingerprint) {
        return new CacheEntry(folder(bucket).resolve(fingerprint));
    }

    // Stores at other addresses have other models under the same name.
    private CacheReference reference(ModelSource.Bucket bucket) {
        return CacheReference.of(folder(bucket).resolve("refs"), settings.endpoint() + " " + bucket.key());
    }

    private Path folder(ModelSource.Bucket bucket) {
        return cache.resolve("s3").resolve(bucket.bucket());
    }

    private Found find(BaseModelId model, ModelSource.Bucket bucket) {
        ObjectStore store = buckets.apply(bucket.bucket());
        SequencedMap<String, StoredObject> all = all(store, bucket);
        if (all.isEmpty()) {
            throw ProductException.forParameter(
                    ErrorCode.MODEL_NOT_FOUND,
                    "model",
                    "There is no model under '" + model
                            + "'. Check bucket and prefix; a model is a .gguf file, or consists"
                            + " of config.json, tokenizer.json, tokenizer_config.json and *.safetensors.");
        }
        ModelForm form = ModelForm.of(
                model, all.keySet(), name -> Optional.ofNullable(all.get(name)).map(file -> store.read(file.key())));
        all.keySet().removeIf(name -> !form.needs(name));
        return switch (form) {
            case ModelForm.Layout _ -> new Found(store, form, all);
            case ModelForm.Gguf _ -> file(store, all.firstEntry().getValue());
        };
    }

    // Found by its own name or below a prefix, it is the same object and has one place in the cache.
    private static Found file(ObjectStore store, StoredObject object) {
        String name = object.key().name();
        return new Found(store, new ModelForm.Gguf(name), new TreeMap<>(Map.of(name, object)));
    }

    private static SequencedMap<String, StoredObject> all(ObjectStore store, ModelSource.Bucket bucket) {
        SequencedMap<String, StoredObject> files = new TreeMap<>();
        try {
            if (bucket.file()) {
                store.stat(bucket.key())
                        .ifPresent(file -> files.put(bucket.key().name(), file));
            } else {
                int prefix = bucket.key().value().length() + 1;
                store.list(bucket.key())
                        .forEach(file -> files.put(file.key().value().substring(prefix), file));
            }
        } catch (ProductException e) {
            if (e.code() != ErrorCode.OBJECT_NOT_FOUND) {
                throw e;
            }
        }
        return files;
    }

    // An object that is changed has another time or length: what was fetched before is not taken for it.
    private String fingerprint(Collection<StoredObject> files) {
        String listing = files.stream()
                .map(file -> file.key() + " " + file.size() + " "
                        + file.lastModified().toEpochMilli())
                .collect(Collectors.joining("\n", settings.endpoint() + "\n", ""));
        return Digests.sha256(listing.getBytes(StandardCharsets.UTF_8)).substring(0, 32);
    }

    private static void copy(Found found, Path target, FetchProgress progress) {
        long total =
                found.files().values().stream().mapToLong(StoredObject::size).sum();
        long done = found.files().entrySet().stream()
                .filter(file -> Files.exists(target.resolve(file.getKey())))
                .mapToLong(file -> file.getValue().size())
                .sum();
        DiskSpace.require(target, total - done);
        for (Map.Entry<String, StoredObject> file : found.files().entrySet()) {
            Path local = target.resolve(file.getKey());
            // The store brings files whole or not at all, so one that is here is whole.
            if (!Files.exists(local)) {
                found.store().download(file.getValue().key(), local, Optional.empty());
                done += file.getValue().size();
            }
            progress.report(file.getKey(), done, total);
        }
    }

    /// An object, of which parts are read.
    private record ObjectBytes(ObjectStore store, String name, StoredObject object) implements ByteSource {

        @Override
        public long size() {
            return object.size();
        }

        @Override
        public byte[] read(long offset, int length) {
            try (InputStream content = store.open(object.key(), offset)) {
                byte[] bytes = content.readNBytes(length);
                if (bytes.length < length) {
                    throw new IOException(
                            "it ended after " + (offset + bytes.length) + " of " + object.size() + " bytes");
                }
                return bytes;
            } catch (IOException e) {
                throw ProductException.of(
                        ErrorCode.STORE_UNAVAILABLE,
                        "The object " + object.key() + " could not be read: " + FailureWords.of(e) + ". Try again.",
                        e);
            }
        }
    }
}

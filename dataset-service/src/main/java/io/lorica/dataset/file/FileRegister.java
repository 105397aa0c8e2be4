package io.lorica.dataset.file;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;

import io.lorica.contracts.dataset.FileRecord;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.id.FileId;
import io.lorica.contracts.id.Owner;
import io.lorica.kit.event.EventCodec;
import io.lorica.storage.ArtifactLayout;
import io.lorica.storage.ObjectKey;
import io.lorica.storage.ObjectStore;
import io.lorica.storage.StoredDigest;
import org.jspecify.annotations.Nullable;

/// The uploaded files. The store alone decides which files exist, so several processes can share it; their records
/// never change and are kept in memory once read. Safe for many threads.
public final class FileRegister {

    private static final int PARALLEL_READS = 16;
    private static final String RECORD_NAME = "file.json";

    private final ObjectStore store;
    private final Clock clock;
    private final Map<FileId, FileRecord> known = new ConcurrentHashMap<>();

    /// A register of the files in the store.
    public FileRegister(ObjectStore store, Clock clock) {
        this.store = store;
        this.clock = clock;
    }

    /// Stores a file: first its bytes, then its record, so that nobody sees half a file.
    public FileRecord add(Path content, NewFile file, Owner owner) {
        FileId id = FileId.random();
        StoredDigest digest = store.put(ArtifactLayout.fileContent(id), content, "application/octet-stream");
        Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        FileRecord added = FileRecord.of(id, digest.size(), now, file.filename(), file.purpose(), digest.sha256())
                .expiringAt(file.lifetime() == null ? null : now.plus(file.lifetime()))
                .ownedBy(owner);
        store.put(ArtifactLayout.fileRecord(id), EventCodec.bytes(added), "application/json");
        known.put(id, added);
        return added;
    }

    /// A file, unless it was deleted or has expired.
    public Optional<FileRecord> find(FileId id) {
        return store.stat(ArtifactLayout.fileRecord(id))
                .flatMap(_ -> record(id))
                .flatMap(this::unexpired);
    }

    /// A file that must exist.
    ///
    /// @throws ProductException with `FILE_NOT_FOUND`
    public FileRecord get(FileId id) {
        return find(id).orElseThrow(() -> absent(id.value()));
    }

    /// A file that must exist and belong to the caller. Another's is as one that does not exist.
    ///
    /// @throws ProductException with `FILE_NOT_FOUND`
    public FileRecord get(FileId id, Owner owner) {
        return find(id).filter(file -> file.owner().equals(owner)).orElseThrow(() -> absent(id.value()));
    }

    /// The files of one owner, oldest first.
    public List<FileRecord> of(Owner owner) {
        return all().stream().filter(file -> file.owner().equals(owner)).toList();
    }

    /// All files, oldest first.
    public List<FileRecord> all() {
        List<FileId> ids = store.list(ArtifactLayout.files()).stream()
                .map(object -> object.key())
                .filter(key -> key.name().equals(RECORD_NAME))
                .flatMap(key -> id(key).stream())
                .toList();
        known.keySet().retainAll(Set.copyOf(ids));
        return readAll(ids).stream()
                .flatMap(file -> unexpired(file).stream())
                .sorted(Comparator.comparing(FileRecord::createdAt)
                        .thenComparing(file -> file.id().value()))
                .collect(Collectors.toUnmodifiableList());
    }

    /// Opens a file's bytes; the caller closes the stream.
    public InputStream open(FileRecord file) {
        return open(file, 0);
    }

    /// Opens a file's bytes from an offset; the caller closes the stream.
    public InputStream open(FileRecord file, long offset) {
        try {
            return offset == 0 ? store.open(content(file)) : store.open(content(file), offset);
        } catch (ProductException e) {
            throw e.code() == ErrorCode.OBJECT_NOT_FOUND ? absent(file.id().value()) : e;
        }
    }

    /// Removes a file: first its record, so that nobody finds a file without bytes.
    public void delete(FileRecord file) {
        store.delete(ArtifactLayout.fileRecord(file.id()));
        store.delete(content(file));
        known.remove(file.id());
    }

    private static ObjectKey content(FileRecord file) {
        return file.contentKey() == null ? ArtifactLayout.fileContent(file.id()) : new ObjectKey(file.contentKey());
    }

    /// What to say of a file that does not exist.
    public static ProductException absent(String id) {
        return ProductException.forParameter(
                ErrorCode.FILE_NOT_FOUND,
                "id",
                "There is no file " + id + ". GET /v1/files lists the files that there are.");
    }

    private Optional<FileRecord> record(FileId id) {
        FileRecord cached = known.get(id);
        return cached == null ? Optional.ofNullable(read(id)) : Optional.of(cached);
    }

    // Null where the file was deleted between two questions to the store.
    private @Nullable FileRecord read(FileId id) {
        try {
            byte[] json = store.read(ArtifactLayout.fileRecord(id));
            FileRecord found = EventCodec.json().readValue(json, FileRecord.class);
            known.put(id, found);
            return found;
        } catch (ProductException e) {
            if (e.code() == ErrorCode.OBJECT_NOT_FOUND) {
                return null;
            }
            throw e;
        } catch (IOException e) {
            throw ProductException.of(
                    ErrorCode.INTERNAL_ERROR,
                    "The record of the file " + id + " is damaged. Delete the file and upload it again.",
                    e);
        }
    }

    private List<FileRecord> readAll(List<FileId> ids) {
        List<Callable<Optional<FileRecord>>> reads = ids.stream()
                .<Callable<Optional<FileRecord>>>map(id -> () -> record(id))
                .toList();
        try (ExecutorService readers =
                Executors.newFixedThreadPool(PARALLEL_READS, Thread.ofVirtual().factory())) {
            List<Future<Optional<FileRecord>>> results = readers.invokeAll(reads);
            return results.stream().flatMap(result -> value(result).stream()).toList();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw ProductException.of(ErrorCode.SERVICE_UNAVAILABLE, "The service is stopping; try again.", e);
        }
    }

    private static <T> T value(Future<T> result) {
        try {
            return result.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof ProductException failure ? failure : new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw ProductException.of(ErrorCode.SERVICE_UNAVAILABLE, "The service is stopping; try again.", e);
        }
    }

    // An expired file is removed when somebody next looks; until then its bytes lie in the store unseen.
    private Optional<FileRecord> unexpired(FileRecord file) {
        if (!file.expired(clock.instant())) {
            return Optional.of(file);
        }
        delete(file);
        return Optional.empty();
    }

    private static Optional<FileId> id(ObjectKey recordKey) {
        String[] segments = recordKey.value().split("/", -1);
        String id = segments[segments.length - 2];
        return FileId.matches(id) ? Optional.of(new FileId(id)) : Optional.empty();
    }
}

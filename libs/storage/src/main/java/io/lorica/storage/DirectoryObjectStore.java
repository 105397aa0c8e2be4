package io.lorica.storage;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;

/// Objects as files below a directory, for laptops and tests. An object is whole or absent, also for other processes
/// that use the directory; content types are not kept.
public final class DirectoryObjectStore implements ObjectStore {

    private static final String TEMPORARY = ".tmp-";

    private final Path root;

    /// A store below the directory, which is made when it is first written to.
    public DirectoryObjectStore(Path root) {
        this.root = root.toAbsolutePath().normalize();
    }

    @Override
    public StoredDigest put(ObjectKey key, InputStream content, String contentType) {
        Path target = path(key);
        MeasuredStream measured = new MeasuredStream(content);
        Path temporary = write(key, target, measured);
        try {
            Files.move(temporary, target, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
            return measured.result();
        } catch (IOException e) {
            throw Downloads.failure(key, target, e);
        } finally {
            Downloads.discard(temporary);
        }
    }

    @Override
    public StoredDigest put(ObjectKey key, byte[] content, String contentType) {
        return put(key, new ByteArrayInputStream(content), contentType);
    }

    @Override
    public StoredDigest put(ObjectKey key, Path file, String contentType) {
        try (InputStream content = Files.newInputStream(file)) {
            return put(key, content, contentType);
        } catch (IOException e) {
            throw Downloads.failure(key, file, e);
        }
    }

    // A hard link is refused when the name is taken, and the file behind it is already whole.
    @Override
    public boolean putIfAbsent(ObjectKey key, byte[] content, String contentType) {
        Path target = path(key);
        Path temporary = write(key, target, new MeasuredStream(new ByteArrayInputStream(content)));
        try {
            Files.createLink(target, temporary);
            return true;
        } catch (FileAlreadyExistsException e) {
            return false;
        } catch (IOException e) {
            throw Downloads.failure(key, target, e);
        } finally {
            Downloads.discard(temporary);
        }
    }

    @Override
    public InputStream open(ObjectKey key) {
        Path file = path(key);
        // Opening a folder succeeds on some systems and fails at the first read.
        if (Files.isDirectory(file)) {
            throw missing(key);
        }
        try {
            return Files.newInputStream(file);
        } catch (NoSuchFileException e) {
            throw missing(key);
        } catch (IOException e) {
            throw Downloads.failure(key, file, e);
        }
    }

    @Override
    @SuppressWarnings("CheckReturnValue") // an offset beyond the end leaves an empty stream, as promised
    public InputStream open(ObjectKey key, long offset) {
        InputStream content = open(key);
        try {
            content.skip(offset);
            return content;
        } catch (IOException e) {
            close(content);
            throw Downloads.failure(key, path(key), e);
        }
    }

    @Override
    public byte[] read(ObjectKey key) {
        try (InputStream content = open(key)) {
            return content.readAllBytes();
        } catch (IOException e) {
            throw Downloads.failure(key, path(key), e);
        }
    }

    @Override
    public void download(ObjectKey key, Path file, Optional<String> sha256) {
        try (InputStream content = open(key)) {
            Downloads.write(key, content, file, sha256);
        } catch (IOException e) {
            throw Downloads.failure(key, path(key), e);
        }
    }

    @Override
    public Optional<StoredObject> stat(ObjectKey key) {
        Path file = path(key);
        try {
            return Optional.of(Files.readAttributes(file, BasicFileAttributes.class))
                    .filter(BasicFileAttributes::isRegularFile)
                    .map(attributes -> stored(file, attributes));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw Downloads.failure(key, file, e);
        }
    }

    @Override
    public List<StoredObject> list(ObjectKey prefix) {
        Path folder = path(prefix);
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try {
            return RegularFiles.below(folder).entrySet().stream()
                    .filter(file -> !file.getKey().getFileName().toString().startsWith(TEMPORARY))
                    .map(file -> stored(file.getKey(), file.getValue()))
                    .sorted(Comparator.comparing(found -> found.key().value()))
                    .toList();
        } catch (IOException e) {
            throw Downloads.failure(prefix, folder, e);
        }
    }

    @Override
    public void delete(ObjectKey key) {
        try {
            Files.deleteIfExists(path(key));
        } catch (IOException e) {
            throw Downloads.failure(key, path(key), e);
        }
    }

    private Path path(ObjectKey key) {
        return root.resolve(key.value());
    }

    private StoredObject stored(Path file, BasicFileAttributes attributes) {
        return new StoredObject(
                key(file), attributes.size(), attributes.lastModifiedTime().toInstant());
    }

    private ObjectKey key(Path file) {
        String separator = file.getFileSystem().getSeparator();
        return new ObjectKey(root.relativize(file).toString().replace(separator, "/"));
    }

    private static Path write(ObjectKey key, Path target, MeasuredStream content) {
        Path temporary = target.resolveSibling(TEMPORARY + UUID.randomUUID());
        try {
            Files.createDirectories(target.getParent());
            Files.copy(content, temporary);
            return temporary;
        } catch (IOException e) {
            Downloads.discard(temporary);
            throw content.failure()
                    .map(broken -> Downloads.brokenOff(key, content, broken))
                    .orElseGet(() -> Downloads.failure(key, target, e));
        }
    }

    private static void close(InputStream content) {
        try {
            content.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ProductException missing(ObjectKey key) {
        return ProductException.of(ErrorCode.OBJECT_NOT_FOUND, "There is no object " + key + " in the store.");
    }
}

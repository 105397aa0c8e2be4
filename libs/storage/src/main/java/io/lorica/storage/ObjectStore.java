package io.lorica.storage;

import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Objects by key. Safe for use by many threads. Every method throws a
/// [io.lorica.contracts.error.ProductException] with `STORE_UNAVAILABLE` when the store cannot be reached, naming its
/// address, and with `OBJECT_NOT_FOUND` when the object is not there.
///
/// Portable rules: a key is never also the prefix of another key; large objects are written once to their final key;
/// what may be written only once goes through [#putIfAbsent], which is atomic.
public interface ObjectStore {

    /// Streams an object in and returns its length and digest; an object under the same key is replaced. A stream that
    /// breaks off stores nothing and is an `INVALID_REQUEST`.
    StoredDigest put(ObjectKey key, InputStream content, String contentType);

    /// Writes a small object.
    StoredDigest put(ObjectKey key, byte[] content, String contentType);

    /// Uploads a file.
    StoredDigest put(ObjectKey key, Path file, String contentType);

    /// Writes a small object unless the key is taken: of many callers at once, exactly one gets `true`.
    boolean putIfAbsent(ObjectKey key, byte[] content, String contentType);

    /// Opens an object for reading; the caller closes it.
    InputStream open(ObjectKey key);

    /// Opens an object from an offset in bytes, empty where the object ends before it; the caller closes it.
    InputStream open(ObjectKey key, long offset);

    /// Reads a small object whole.
    byte[] read(ObjectKey key);

    /// Downloads an object to a file by way of a temporary neighbour, so that the file is whole or absent.
    ///
    /// @param sha256 the digest that was written; another one is a `DIGEST_MISMATCH`
    void download(ObjectKey key, Path file, Optional<String> sha256);

    /// What is known of an object, if it is there.
    Optional<StoredObject> stat(ObjectKey key);

    /// All objects whose key begins with `prefix + "/"`, in the order of their keys.
    List<StoredObject> list(ObjectKey prefix);

    /// Removes an object; one that is not there is no error.
    void delete(ObjectKey key);
}

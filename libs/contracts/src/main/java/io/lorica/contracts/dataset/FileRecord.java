package io.lorica.contracts.dataset;

import java.time.Instant;

import io.lorica.contracts.id.FileId;
import io.lorica.contracts.id.Owner;
import org.jspecify.annotations.Nullable;

/// What is known of a file in the store: the content of its `file.json`, which is written after the file's bytes. A
/// file without it does not exist.
///
/// @param id the file
/// @param bytes its length
/// @param createdAt when it was stored
/// @param filename its name at the user's side, such as `rows.jsonl`
/// @param purpose what it is for
/// @param sha256 SHA-256 of its bytes, in hexadecimal
/// @param expiresAt from when on it no longer exists, null for never
/// @param contentKey where its bytes are in the store, null for the place of uploaded files
/// @param owner to whom it belongs
public record FileRecord(
        FileId id,
        long bytes,
        Instant createdAt,
        String filename,
        FilePurpose purpose,
        String sha256,
        @Nullable Instant expiresAt,
        @Nullable String contentKey,
        Owner owner) {

    public FileRecord {
        if (bytes < 0) {
            throw new IllegalArgumentException("the file " + id + " has " + bytes + " bytes");
        }
    }

    /// A file of the default owner that stays, with its bytes where those of uploaded files are.
    public static FileRecord of(
            FileId id, long bytes, Instant createdAt, String filename, FilePurpose purpose, String sha256) {
        return new FileRecord(id, bytes, createdAt, filename, purpose, sha256, null, null, Owner.DEFAULT);
    }

    /// The same with an end.
    ///
    /// @param time from when on it no longer exists, null for never
    public FileRecord expiringAt(@Nullable Instant time) {
        return new FileRecord(id, bytes, createdAt, filename, purpose, sha256, time, contentKey, owner);
    }

    /// The same with its bytes elsewhere in the store.
    public FileRecord storedAt(String key) {
        return new FileRecord(id, bytes, createdAt, filename, purpose, sha256, expiresAt, key, owner);
    }

    /// The same for another owner.
    public FileRecord ownedBy(Owner other) {
        return new FileRecord(id, bytes, createdAt, filename, purpose, sha256, expiresAt, contentKey, other);
    }

    /// Whether the file no longer exists at that time.
    public boolean expired(Instant now) {
        return expiresAt != null && !now.isBefore(expiresAt);
    }
}

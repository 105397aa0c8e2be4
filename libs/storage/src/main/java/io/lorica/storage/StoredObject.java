package io.lorica.storage;

import java.time.Instant;

/// What the store knows of an object.
///
/// @param key where it is
/// @param size its length in bytes
/// @param lastModified when it was written
public record StoredObject(ObjectKey key, long size, Instant lastModified) {}

package io.lorica.storage;

/// What was written.
///
/// @param size length in bytes
/// @param sha256 SHA-256 in hexadecimal
public record StoredDigest(long size, String sha256) {}

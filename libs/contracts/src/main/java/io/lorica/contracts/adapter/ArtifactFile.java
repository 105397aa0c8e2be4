package io.lorica.contracts.adapter;

/// One file of an artefact.
///
/// @param name its name inside the artefact, such as `adapter_model.safetensors`
/// @param key where its bytes are in the store
/// @param sha256 digest of its bytes, in hexadecimal
/// @param size its length in bytes
public record ArtifactFile(String name, String key, String sha256, long size) {}

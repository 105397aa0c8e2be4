package io.lorica.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.openai.models.finetuning.jobs.FineTuningJob;

/// A finished adapter as it lies in the store.
///
/// @param objects where the store keeps its objects
/// @param manifest the adapter's manifest
record StoredAdapter(Path objects, JsonNode manifest) {

    static StoredAdapter of(FineTuningJob job, Path objects) throws IOException {
        String name = job.fineTunedModel().orElseThrow();
        String adapter = name.substring(name.lastIndexOf(':') + 1);
        Path file = objects.resolve("adapters").resolve(adapter).resolve("manifest.json");
        return new StoredAdapter(objects, new ObjectMapper().readTree(file.toFile()));
    }

    int attempt() {
        return manifest.path("attempt").asInt();
    }

    /// The bytes of one of its files.
    byte[] file(String name) throws IOException {
        for (JsonNode file : manifest.path("files")) {
            if (file.path("name").asText().equals(name)) {
                return Files.readAllBytes(objects.resolve(file.path("key").asText()));
            }
        }
        throw new IllegalStateException("The manifest lists no " + name);
    }
}

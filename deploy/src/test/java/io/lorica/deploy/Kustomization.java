package io.lorica.deploy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

import com.fasterxml.jackson.databind.JsonNode;

/// A folder with a `kustomization.yaml`.
///
/// @param folder the folder
/// @param tree what the file says
record Kustomization(Path folder, JsonNode tree) {

    private static final String FILE = "kustomization.yaml";

    static Kustomization in(Path folder) {
        return new Kustomization(
                folder, Manifest.of(folder.resolve(FILE)).getFirst().tree());
    }

    static List<Kustomization> all() {
        return Repository.filesBelow(Repository.KUBERNETES, FILE).stream()
                .map(file -> in(file.getParent()))
                .toList();
    }

    /// The files that are resources of their own.
    List<Path> resources() {
        return entries("resources")
                .map(JsonNode::asText)
                .map(this::resolve)
                .filter(Files::isRegularFile)
                .toList();
    }

    /// The kustomizations that this one builds on.
    List<Kustomization> bases() {
        return entries("resources")
                .map(JsonNode::asText)
                .map(this::resolve)
                .filter(Files::isDirectory)
                .map(Kustomization::in)
                .toList();
    }

    List<Path> patches() {
        return entries("patches")
                .map(patch -> resolve(patch.path("path").asText()))
                .toList();
    }

    /// Every entry, whether it exists or not.
    List<Path> mentioned() {
        return Stream.concat(entries("resources").map(JsonNode::asText).map(this::resolve), patches().stream())
                .toList();
    }

    /// All manifests that this one and its bases bring.
    List<Manifest> manifests() {
        return Stream.concat(
                        bases().stream().flatMap(base -> base.manifests().stream()),
                        resources().stream().flatMap(file -> Manifest.of(file).stream()))
                .toList();
    }

    private Path resolve(String entry) {
        return folder.resolve(entry).normalize();
    }

    private Stream<JsonNode> entries(String key) {
        return StreamSupport.stream(tree.path(key).spliterator(), false);
    }

    @Override
    public String toString() {
        return Repository.KUBERNETES.relativize(folder).toString();
    }
}

package io.lorica.deploy;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

class ConfigurationTest {

    /// Read by the Java runtime itself.
    private static final Set<String> FOREIGN = Set.of("JDK_JAVA_OPTIONS");

    @ParameterizedTest
    @MethodSource("services")
    void setsInKubernetesOnlyWhatTheServiceReads(String service) {
        // Given
        List<Manifest> base =
                Kustomization.in(Repository.KUBERNETES.resolve("base")).manifests();
        JsonNode container = base.stream()
                .filter(manifest -> manifest.name().equals(service)
                        && manifest.tree().at("/spec/template").isObject())
                .findFirst()
                .orElseThrow()
                .tree()
                .at("/spec/template/spec/containers/0");

        // When
        Set<String> set = new TreeSet<>();
        elements(container.path("env"))
                .forEach(entry -> set.add(entry.path("name").asText()));
        elements(container.path("envFrom")).forEach(source -> set.addAll(keys(base, source)));

        // Then
        assertThat(set).isNotEmpty();
        assertThat(unknown(service, set)).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("services")
    void setsInComposeOnlyWhatTheServiceReads(String service) {
        // When
        Set<String> set = Compose.read().environment(service).keySet();

        // Then
        assertThat(set).isNotEmpty();
        assertThat(unknown(service, set)).isEmpty();
    }

    @Test
    void patchesOnlyKeysThatTheBaseSets() {
        // Given
        Kustomization local = Kustomization.in(Repository.KUBERNETES.resolve("overlays/local"));
        Manifest patch = local.patches().stream()
                .flatMap(file -> Manifest.of(file).stream())
                .filter(manifest -> manifest.kind().equals("ConfigMap"))
                .findFirst()
                .orElseThrow();

        // When
        Set<String> patched = fields(patch.tree().path("data"));

        // Then
        Set<String> known = new TreeSet<>();
        local.manifests().stream()
                .filter(manifest ->
                        manifest.kind().equals("ConfigMap") && manifest.name().equals(patch.name()))
                .forEach(manifest -> known.addAll(fields(manifest.tree().path("data"))));
        assertThat(known).containsAll(patched);
    }

    @Test
    void findsTheKeysOfAMapping() {
        assertThat(ConfigurationKeys.of("gateway"))
                .contains(
                        "LORICA_GATEWAY_UPSTREAMS_DATASET", "LORICA_GATEWAY_RATE_REQUESTS_PER_MINUTE", "LORICA_API_KEY")
                .doesNotContain("LORICA_STORE_BUCKET");
    }

    static Stream<String> services() {
        return Repository.SERVICES.stream();
    }

    private static Set<String> unknown(String service, Set<String> set) {
        Set<String> unknown = new TreeSet<>(set);
        unknown.removeAll(ConfigurationKeys.of(service));
        unknown.removeAll(FOREIGN);
        return unknown;
    }

    private static Set<String> keys(List<Manifest> manifests, JsonNode source) {
        boolean open = source.has("configMapRef");
        String kind = open ? "ConfigMap" : "Secret";
        String name = source.at(open ? "/configMapRef/name" : "/secretRef/name").asText();
        Set<String> keys = new TreeSet<>();
        Stream.concat(manifests.stream(), Manifest.of(Repository.SECRETS).stream())
                .filter(manifest ->
                        manifest.kind().equals(kind) && manifest.name().equals(name))
                .forEach(manifest -> keys.addAll(fields(manifest.tree().path(open ? "data" : "stringData"))));
        return keys;
    }

    private static Set<String> fields(JsonNode object) {
        Set<String> names = new TreeSet<>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }

    private static Stream<JsonNode> elements(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false);
    }
}

package io.lorica.deploy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorica.contracts.secret.Placeholders;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class KubernetesTest {

    @ParameterizedTest
    @MethodSource("everyManifest")
    void hasOnlyFieldsThatKubernetesKnows(Manifest manifest) {
        assertThat(manifest.resource().getMetadata().getName()).isNotBlank();
    }

    @Test
    void noticesAFieldThatKubernetesDoesNotKnow() {
        // Given
        String text = Repository.read(Repository.KUBERNETES.resolve("base/gateway.yaml"))
                .replace("readinessProbe", "readyProbe");

        // When
        List<Manifest> misspelled = Manifest.parse(Repository.KUBERNETES.resolve("x.yaml"), text);

        // Then
        assertThatThrownBy(() -> misspelled.forEach(Manifest::resource)).hasMessageContaining("readyProbe");
    }

    @ParameterizedTest
    @MethodSource("everyKustomization")
    void listsItsFilesAndNoOthers(Kustomization kustomization) {
        // When
        Set<Path> present = Set.copyOf(Repository.filesBelow(kustomization.folder(), ".yaml").stream()
                .filter(file -> !file.endsWith("kustomization.yaml"))
                .toList());

        // Then
        assertThat(kustomization.mentioned())
                .allSatisfy(entry -> assertThat(entry).exists());
        assertThat(kustomization.mentioned().stream().filter(Files::isRegularFile))
                .containsExactlyInAnyOrderElementsOf(present);
    }

    @ParameterizedTest
    @MethodSource("everyKustomization")
    void patchesOnlyWhatItsBasesBring(Kustomization kustomization) {
        // Given
        Set<String> known = kustomization.manifests().stream()
                .map(manifest -> manifest.kind() + "/" + manifest.name())
                .collect(Collectors.toSet());

        // When
        List<Manifest> patches = kustomization.patches().stream()
                .flatMap(file -> Manifest.of(file).stream())
                .toList();

        // Then
        assertThat(patches).allSatisfy(patch -> assertThat(known).contains(patch.kind() + "/" + patch.name()));
    }

    @ParameterizedTest
    @MethodSource("everyWorkload")
    void selectsItsOwnPods(Manifest workload) {
        JsonNode labels = workload.tree().at("/spec/template/metadata/labels");
        assertThat(labels).isEqualTo(workload.tree().at("/spec/selector/matchLabels"));
        assertThat(labels.path("app.kubernetes.io/name").asText()).isEqualTo(workload.name());
    }

    @ParameterizedTest
    @MethodSource("everyWorkload")
    void runsWithoutPrivileges(Manifest workload) {
        JsonNode pod = workload.tree().at("/spec/template/spec");
        assertThat(pod.at("/securityContext/runAsNonRoot").asBoolean()).isTrue();
        assertThat(pod.path("automountServiceAccountToken").asBoolean(true)).isFalse();
        assertThat(pod.path("containers")).allSatisfy(container -> {
            assertThat(container.at("/securityContext/allowPrivilegeEscalation").asBoolean(true))
                    .isFalse();
            assertThat(container.at("/securityContext/capabilities/drop/0").asText())
                    .isEqualTo("ALL");
            assertThat(container.at("/resources/limits/memory").isMissingNode()).isFalse();
        });
    }

    @ParameterizedTest
    @MethodSource("everyServiceOfOurs")
    void isProbedAndReachedOnItsPort(String name) {
        // Given
        Kustomization base = Kustomization.in(Repository.KUBERNETES.resolve("base"));
        JsonNode container = workload(base, name).at("/spec/template/spec/containers/0");

        // When
        JsonNode service = base.manifests().stream()
                .filter(manifest ->
                        manifest.kind().equals("Service") && manifest.name().equals(name))
                .findFirst()
                .orElseThrow()
                .tree();

        // Then
        String port = container.at("/ports/0/name").asText();
        // The gateway says on a port of its own, which callers cannot reach, how it is.
        String health = name.equals("gateway") ? "management" : port;
        assertThat(container.at("/ports").findValuesAsText("name")).contains(health);
        assertThat(service.at("/spec/ports").size()).isEqualTo(1);
        assertThat(List.of("startupProbe", "readinessProbe", "livenessProbe"))
                .allSatisfy(probe -> assertThat(
                                container.path(probe).at("/httpGet/port").asText())
                        .isEqualTo(health));
        assertThat(service.at("/spec/ports/0/targetPort").asText()).isEqualTo(port);
        assertThat(service.at("/spec/selector/app.kubernetes.io~1name").asText())
                .isEqualTo(name);
        assertThat(container.at("/securityContext/readOnlyRootFilesystem").asBoolean())
                .isTrue();
    }

    @Test
    void refersOnlyToConfigurationThatExists() {
        // Given
        List<Manifest> base =
                Kustomization.in(Repository.KUBERNETES.resolve("base")).manifests();

        // When
        Set<String> referred = base.stream()
                .flatMap(manifest -> elements(manifest.tree().at("/spec/template/spec/containers/0/envFrom")))
                .map(source -> source.has("configMapRef")
                        ? "ConfigMap/" + source.at("/configMapRef/name").asText()
                        : "Secret/" + source.at("/secretRef/name").asText())
                .collect(Collectors.toCollection(TreeSet::new));

        // Then
        assertThat(Stream.concat(base.stream(), Manifest.of(Repository.SECRETS).stream())
                        .map(manifest -> manifest.kind() + "/" + manifest.name()))
                .containsAll(referred);
        assertThat(referred).hasSize(4);
    }

    @Test
    void writesOverNoSecretWhenItIsApplied() {
        assertThat(Kustomization.all()).isNotEmpty().allSatisfy(kustomization -> {
            assertThat(kustomization.manifests())
                    .noneMatch(manifest -> manifest.kind().equals("Secret"));
            assertThat(kustomization.patches().stream().flatMap(file -> Manifest.of(file).stream()))
                    .noneMatch(manifest -> manifest.kind().equals("Secret"));
            assertThat(kustomization.tree().has("secretGenerator")).isFalse();
        });
    }

    @Test
    void showsOnlySecretsThatServicesRefuse() {
        // When
        Map<String, String> examples = new TreeMap<>();
        Manifest.of(Repository.SECRETS)
                .forEach(secret -> secret.tree()
                        .path("stringData")
                        .properties()
                        .forEach(entry -> examples.put(
                                entry.getKey(), entry.getValue().asText().replaceFirst("^default:", ""))));
        Repository.read(Repository.DEPLOY.resolve(".env.example"))
                .lines()
                .filter(line -> line.matches("LORICA_(API_KEY|STORE_SECRET_KEY)=.*"))
                .map(line -> line.split("=", 2))
                .forEach(parts -> examples.put(".env " + parts[0], parts[1]));

        // Then
        assertThat(examples)
                .hasSize(5)
                .allSatisfy((name, value) -> assertThatThrownBy(() -> Placeholders.checked(name, value))
                        .isInstanceOf(IllegalArgumentException.class));
    }

    @ParameterizedTest
    @MethodSource("everyWorkload")
    void boundsEachVolumeOnTheNode(Manifest workload) {
        assertThat(elements(workload.tree().at("/spec/template/spec/volumes")).filter(volume -> volume.has("emptyDir")))
                .allSatisfy(volume ->
                        assertThat(volume.at("/emptyDir/sizeLimit").asText()).matches("\\d+[MG]i"));
    }

    // A fresh ext4 volume holds a folder lost+found, which a broker takes for a damaged log and ends.
    @Test
    void keepsLogsOfTheBrokerInAFolderOfItsVolume() {
        // When
        JsonNode container = Kustomization.in(Repository.KUBERNETES.resolve("overlays/local")).manifests().stream()
                .filter(manifest ->
                        manifest.kind().equals("StatefulSet") && manifest.name().equals("kafka"))
                .findFirst()
                .orElseThrow()
                .tree()
                .at("/spec/template/spec/containers/0");

        // Then
        String logs = elements(container.path("env"))
                .filter(entry -> entry.path("name").asText().equals("KAFKA_LOG_DIRS"))
                .map(entry -> entry.path("value").asText())
                .findFirst()
                .orElseThrow();
        String volume = container.at("/volumeMounts/0/mountPath").asText();
        assertThat(logs).startsWith(volume + "/");
        JsonNode compose = Compose.read().tree().path("services").path("kafka");
        assertThat(compose.at("/environment/KAFKA_LOG_DIRS").asText())
                .startsWith(compose.at("/volumes/0").asText().split(":")[1] + "/");
    }

    @Test
    void putsTheWorkOfTheModelsOnGpus() {
        Kustomization base = Kustomization.in(Repository.KUBERNETES.resolve("base"));
        assertThat(List.of("trainer-service", "inference-service")).allSatisfy(name -> {
            JsonNode pod = workload(base, name).at("/spec/template/spec");
            assertThat(pod.path("nodeSelector").path("nvidia.com/gpu.present").asText())
                    .isEqualTo("true");
            assertThat(pod.at("/containers/0/resources/limits/nvidia.com~1gpu").asText())
                    .isEqualTo("1");
        });
    }

    @Test
    void letsATrainerSaveItsLastStepBeforeItIsKilled() {
        // Given
        Duration grace = seconds(ConfigurationKeys.defaults().get("lorica.trainer.stop-grace"));
        Duration margin = Duration.ofSeconds(30);

        // When
        Duration pod =
                Duration.ofSeconds(workload(Kustomization.in(Repository.KUBERNETES.resolve("base")), "trainer-service")
                        .at("/spec/template/spec/terminationGracePeriodSeconds")
                        .asInt());
        String compose = Repository.read(Repository.DEPLOY.resolve("compose.yaml"));
        String suite = Repository.read(Repository.ROOT.resolve("libs/cli/src/main/java/io/lorica/cli/Suite.java"));

        // Then
        assertThat(pod).isGreaterThanOrEqualTo(grace.plus(margin));
        assertThat(Duration.ofMinutes(number(compose, "stop_grace_period: (\\d+)m")))
                .isGreaterThanOrEqualTo(grace.plus(margin));
        assertThat(Duration.ofSeconds(number(suite, "STOP_PATIENCE = Duration.ofSeconds\\((\\d+)\\)")))
                .isGreaterThanOrEqualTo(grace.plus(margin));
    }

    @Test
    void letsCallsInProgressEndBeforeADoorIsKilled() {
        // Given
        Kustomization base = Kustomization.in(Repository.KUBERNETES.resolve("base"));
        Map<String, String> defaults = ConfigurationKeys.defaults();
        String delay = base.manifests().stream()
                .filter(manifest ->
                        manifest.kind().equals("ConfigMap") && manifest.name().equals("gateway"))
                .findFirst()
                .orElseThrow()
                .tree()
                .at("/data/LORICA_GATEWAY_SHUTDOWN_DELAY")
                .asText();
        Duration ending = seconds(defaults.get("lorica.gateway.shutdown.grace"))
                .plus(seconds(defaults.get("lorica.gateway.shutdown.ending")));
        Duration answers = seconds(defaults.get("lorica.inference.stop-grace")).plusSeconds(2);
        Duration margin = Duration.ofSeconds(5);

        // When
        String compose = Repository.read(Repository.DEPLOY.resolve("compose.yaml"));

        // Then
        assertThat(terminationGrace(base, "gateway"))
                .isGreaterThanOrEqualTo(seconds(delay).plus(ending).plus(margin));
        assertThat(terminationGrace(base, "inference-service")).isGreaterThanOrEqualTo(answers.plus(margin));
        assertThat(Duration.ofSeconds(number(compose, "uploads in progress.\\s+stop_grace_period: (\\d+)s")))
                .isGreaterThanOrEqualTo(ending.plus(margin));
        assertThat(Duration.ofSeconds(number(compose, "some seconds.\\s+stop_grace_period: (\\d+)s")))
                .isGreaterThanOrEqualTo(answers.plus(margin));
    }

    private static Duration terminationGrace(Kustomization base, String service) {
        return Duration.ofSeconds(workload(base, service)
                .at("/spec/template/spec/terminationGracePeriodSeconds")
                .asInt());
    }

    private static Duration seconds(String setting) {
        return Duration.ofSeconds(number(setting, "^(\\d+)s$"));
    }

    private static long number(String text, String pattern) {
        Matcher found = Pattern.compile(pattern).matcher(text);
        assertThat(found.find()).as(pattern).isTrue();
        return Long.parseLong(found.group(1));
    }

    @Test
    void guardsEachServiceWithABudgetAndAPolicy() {
        // When
        List<Manifest> base =
                Kustomization.in(Repository.KUBERNETES.resolve("base")).manifests();

        // Then
        assertThat(base.stream()
                        .filter(m -> m.kind().equals("PodDisruptionBudget"))
                        .map(Manifest::name))
                .containsExactlyInAnyOrderElementsOf(Repository.SERVICES);
        String policies = base.stream()
                .filter(m -> m.kind().equals("NetworkPolicy"))
                .map(m -> m.tree().at("/spec/podSelector").toString())
                .collect(Collectors.joining());
        assertThat(Repository.SERVICES).allSatisfy(name -> assertThat(policies).contains('"' + name + '"'));
    }

    static Stream<Kustomization> everyKustomization() {
        return Kustomization.all().stream();
    }

    static Stream<Manifest> everyManifest() {
        return Repository.filesBelow(Repository.KUBERNETES, ".yaml").stream()
                .filter(file -> !file.endsWith("kustomization.yaml"))
                .flatMap(file -> Manifest.of(file).stream());
    }

    static Stream<Manifest> everyWorkload() {
        return Kustomization.all().stream()
                .flatMap(kustomization -> kustomization.resources().stream())
                .flatMap(file -> Manifest.of(file).stream())
                .filter(manifest ->
                        manifest.tree().at("/spec/template/spec/containers").isArray());
    }

    static Stream<String> everyServiceOfOurs() {
        return Repository.SERVICES.stream();
    }

    private static JsonNode workload(Kustomization kustomization, String name) {
        return kustomization.manifests().stream()
                .filter(manifest -> manifest.name().equals(name)
                        && manifest.tree().at("/spec/template").isObject())
                .findFirst()
                .orElseThrow()
                .tree();
    }

    private static Stream<JsonNode> elements(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false);
    }
}

package io.lorica.deploy;

import java.net.URI;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

class ComposeTest {

    private static final Pattern VARIABLE = Pattern.compile("\\$\\{([A-Z_]+)");

    private final Compose compose = Compose.read();

    @ParameterizedTest
    @MethodSource("services")
    void buildsEachServiceFromADockerfileThatExists(String name) {
        // When
        JsonNode build = compose.service(name).path("build");

        // Then
        assertThat(Repository.ROOT.resolve(build.path("dockerfile").asText())).isRegularFile();
        assertThat(build.at("/args/SERVICE").asText()).isEqualTo(name);
        assertThat(compose.service(name).path("image").asText()).startsWith("lorica/" + name + ":");
    }

    @ParameterizedTest
    @MethodSource("services")
    void declaresTheVolumesItMounts(String name) {
        assertThat(compose.service(name).path("volumes"))
                .allSatisfy(mount -> assertThat(compose.tree()
                                .path("volumes")
                                .has(mount.asText().split(":")[0]))
                        .isTrue());
        assertThat(compose.service(name).path("read_only").asBoolean()).isTrue();
    }

    @Test
    void pointsTheGatewayAtThePortsOfTheServices() {
        // When
        var upstreams = compose.environment("gateway").entrySet().stream()
                .filter(entry -> entry.getKey().contains("UPSTREAMS"))
                .map(entry -> URI.create(entry.getValue()))
                .toList();

        // Then
        assertThat(upstreams)
                .hasSize(3)
                .allSatisfy(upstream -> assertThat(
                                compose.environment(upstream.getHost()).get("LORICA_HTTP_PORT"))
                        .isEqualTo(Integer.toString(upstream.getPort())));
    }

    @Test
    void opensOnlyTheGateway() {
        assertThat(compose.tree().path("services").properties().stream()
                        .filter(service -> service.getValue().has("ports"))
                        .map(Map.Entry::getKey))
                .containsExactly("gateway");
    }

    @Test
    void explainsEveryVariableInTheExample() {
        // Given
        String example = Repository.read(Repository.DEPLOY.resolve(".env.example"));

        // When
        Set<String> used = new TreeSet<>();
        VARIABLE.matcher(Repository.read(Repository.DEPLOY.resolve("compose.yaml")))
                .results()
                .forEach(found -> used.add(found.group(1)));

        // Then
        assertThat(used)
                .contains("LORICA_API_KEY")
                .allSatisfy(variable -> assertThat(example).contains(variable + "="));
    }

    static Stream<String> services() {
        return Repository.SERVICES.stream();
    }
}

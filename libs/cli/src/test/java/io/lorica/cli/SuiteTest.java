package io.lorica.cli;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/// The members' command lines, and what the suite says before any of them runs.
class SuiteTest {

    @TempDir
    Path root;

    private final Map<String, String> environment = new HashMap<>();

    @BeforeEach
    void choosePorts() throws IOException {
        SuiteSettings free = SuiteSettings.onFreePorts(root, root.resolve(".lorica"));
        free.ports().forEach((member, port) -> environment.put("LORICA_" + member.name() + "_PORT", port.toString()));
        environment.put("LORICA_KAFKA_PORT", Integer.toString(free.kafkaPort()));
        environment.put("LORICA_CONTROLLER_PORT", Integer.toString(free.controllerPort()));
    }

    @ParameterizedTest
    @CsvSource({
        "LORICA_PLATFORM_PORT, platform",
        "LORICA_KAFKA_PORT, embedded broker",
        "LORICA_CONTROLLER_PORT, controller",
        "LORICA_GATEWAY_PORT, gateway"
    })
    void namesAPortThatIsTakenBeforeAnythingStarts(String variable, String what) throws IOException {
        // Given
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            environment.put(variable, Integer.toString(other.getLocalPort()));
            Suite suite = suite();

            // When // Then
            assertThatExceptionOfType(CliException.class)
                    .isThrownBy(() -> suite.up(_ -> {}))
                    .withMessageContaining("127.0.0.1:" + other.getLocalPort())
                    .withMessageContaining(what)
                    .withMessageContaining("set " + variable);
            assertThat(suite.pid(Member.PLATFORM)).isEmpty();
        }
    }

    @Test
    void saysHowToMakeWhatIsMissing() {
        assertThatExceptionOfType(CliException.class)
                .isThrownBy(() -> command().of(Member.GATEWAY))
                .withMessageContaining("gateway/target/quarkus-app/quarkus-run.jar is missing")
                .withMessageContaining("./lorica up");
    }

    @Test
    void startsThePlatformWithItsPortsAndItsHome() {
        // When
        List<String> command = command().of(Member.PLATFORM);

        // Then
        assertThat(command)
                .containsSubsequence(
                        "io.lorica.platform.PlatformMain",
                        "--home",
                        root.resolve(".lorica/platform").toString(),
                        "--kafka-port",
                        environment.get("LORICA_KAFKA_PORT"),
                        "--controller-port",
                        environment.get("LORICA_CONTROLLER_PORT"),
                        "--store-port",
                        environment.get("LORICA_PLATFORM_PORT"));
    }

    @Test
    void startsAServiceOnLoopbackWithAllItNeeds() throws IOException {
        // Given
        Path jar = root.resolve("trainer-service/target/quarkus-app/quarkus-run.jar");
        Files.createDirectories(jar.getParent());
        Files.createFile(jar);
        environment.put("LORICA_API_KEY", "my-key");
        environment.put("LORICA_BASE_MODEL", "org/model");

        // When
        List<String> command = command().of(Member.TRAINER);
        Map<String, String> variables = command().environment(Member.TRAINER);

        // Then
        assertThat(command).endsWith("-Dai.djl.offline=true", "-jar", jar.toString());
        assertThat(variables)
                .containsEntry("QUARKUS_HTTP_HOST", "127.0.0.1")
                .containsEntry("LORICA_HTTP_PORT", environment.get("LORICA_TRAINER_PORT"))
                .containsEntry("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:" + environment.get("LORICA_KAFKA_PORT"))
                .containsEntry("LORICA_STORE_ENDPOINT", "http://127.0.0.1:" + environment.get("LORICA_PLATFORM_PORT"))
                .containsEntry("LORICA_STORE_SECRET_KEY", "lorica-secret")
                .containsEntry("LORICA_MODELS_NAMES", "demo-qwen2=" + root.resolve(".lorica/models/demo-qwen2"))
                .containsEntry("LORICA_BASE_MODEL", "org/model");
    }

    @Test
    void leavesTheKeysOfAStoreOfOnesOwnAlone() {
        // Given
        environment.put("LORICA_STORE_ENDPOINT", "http://store:9000");
        environment.put("KAFKA_BOOTSTRAP_SERVERS", "broker:9092");

        // When
        Map<String, String> variables = command().environment(Member.DATASET);

        // Then
        assertThat(variables)
                .containsEntry("LORICA_STORE_ENDPOINT", "http://store:9000")
                .doesNotContainKeys("LORICA_STORE_ACCESS_KEY", "LORICA_STORE_SECRET_KEY");
        assertThat(suite().members()).doesNotContain(Member.PLATFORM);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "none", "99999999999999999999", "999999999"})
    void takesAProcessIdThatIsNoneForNoProcess(String text) throws IOException {
        // Given
        Path file = root.resolve(".lorica/logs/gateway.pid");
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);

        // When // Then
        assertThat(suite().pid(Member.GATEWAY)).isEmpty();
    }

    @Test
    void doesNotTakeAnotherProgramForAService() throws IOException {
        // Given
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        Process other = new ProcessBuilder(java, "-m", "jdk.httpserver", "-p", "0").start();
        Path file = root.resolve(".lorica/logs/gateway.pid");
        Files.createDirectories(file.getParent());
        Files.writeString(file, Long.toString(other.pid()));

        // When
        suite().stop(Member.GATEWAY);

        // Then
        try {
            assertThat(other.isAlive()).isTrue();
            assertThat(file).doesNotExist();
        } finally {
            other.destroy();
        }
    }

    private Suite suite() {
        return new Suite(settings());
    }

    private MemberCommand command() {
        return MemberCommand.starting(settings());
    }

    private SuiteSettings settings() {
        return SuiteSettings.ofEnvironment(root, environment);
    }
}

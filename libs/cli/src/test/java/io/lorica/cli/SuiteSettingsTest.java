package io.lorica.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class SuiteSettingsTest {

    @TempDir
    Path root;

    @Test
    void pinsTheDefaults() {
        // When
        SuiteSettings settings = settings(Map.of());

        // Then
        assertThat(settings.home()).isEqualTo(root.resolve(".lorica"));
        assertThat(settings.ports())
                .containsOnly(
                        Map.entry(Member.PLATFORM, 19000),
                        Map.entry(Member.GATEWAY, 8080),
                        Map.entry(Member.DATASET, 8081),
                        Map.entry(Member.TRAINER, 8082),
                        Map.entry(Member.INFERENCE, 8083));
        assertThat(settings.kafka()).isEqualTo("127.0.0.1:19092");
        assertThat(settings.controllerPort()).isEqualTo(19093);
        assertThat(settings.store()).isEqualTo("http://127.0.0.1:19000");
        assertThat(settings.embedded()).isTrue();
        assertThat(settings.baseModel()).isEmpty();
    }

    @Test
    void readsEveryVariable() {
        // When
        SuiteSettings settings = settings(Map.of(
                "LORICA_HOME", root.resolve("data").toString(),
                "LORICA_GATEWAY_PORT", "9080",
                "LORICA_KAFKA_PORT", "9092",
                "LORICA_CONTROLLER_PORT", "9093",
                "KAFKA_BOOTSTRAP_SERVERS", "broker:9092",
                "LORICA_STORE_ENDPOINT", "http://store:9000",
                "LORICA_API_KEY", "my-key",
                "LORICA_BASE_MODEL", "org/model"));

        // Then
        assertThat(settings.home()).isEqualTo(root.resolve("data"));
        assertThat(settings.address(Member.GATEWAY)).isEqualTo("http://127.0.0.1:9080");
        assertThat(settings.kafkaPort()).isEqualTo(9092);
        assertThat(settings.controllerPort()).isEqualTo(9093);
        assertThat(settings.kafka()).isEqualTo("broker:9092");
        assertThat(settings.store()).isEqualTo("http://store:9000");
        assertThat(settings.embedded()).isFalse();
        assertThat(settings.apiKey()).isEqualTo("my-key");
        assertThat(settings.baseModel()).contains("org/model");
    }

    @Test
    void takesAnEmptyVariableAsNotSet() {
        // When
        SuiteSettings settings = settings(Map.of(
                "LORICA_HOME", "", "LORICA_BASE_MODEL", " ", "KAFKA_BOOTSTRAP_SERVERS", "", "LORICA_KAFKA_PORT", ""));

        // Then
        assertThat(settings.home()).isEqualTo(root.resolve(".lorica"));
        assertThat(settings.baseModel()).isEmpty();
        assertThat(settings.externalKafka()).isEmpty();
        assertThat(settings.kafkaPort()).isEqualTo(19092);
    }

    @ParameterizedTest
    @ValueSource(strings = {"http", "0", "70000", "-1", "99999999999"})
    void refusesAPortThatIsNone(String port) {
        assertThatExceptionOfType(CliException.class)
                .isThrownBy(() -> settings(Map.of("LORICA_TRAINER_PORT", port)))
                .withMessageContaining("LORICA_TRAINER_PORT is '" + port + "'");
    }

    @Test
    void keepsTheApiKeyItMadeFirst() {
        // When
        String first = settings(Map.of()).apiKey();
        String second = settings(Map.of()).apiKey();

        // Then
        assertThat(first).matches("lorica-[0-9a-f]{48}");
        assertThat(second).isEqualTo(first);
    }

    @Test
    void showsTheApiKeyToItsOwnerOnly() throws IOException {
        // When
        settings(Map.of());

        // Then
        assertThat(Files.getPosixFilePermissions(root.resolve(".lorica/api-key")))
                .isEqualTo(Set.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE));
        try (Stream<Path> files = Files.list(root.resolve(".lorica"))) {
            assertThat(files).hasSize(1);
        }
    }

    @Test
    void commandsThatStartAtOnceAgreeOnTheApiKey() throws Exception {
        // Given
        Callable<String> command = () -> settings(Map.of()).apiKey();
        List<Future<String>> commands;

        // When
        try (ExecutorService both = Executors.newFixedThreadPool(8)) {
            commands = both.invokeAll(Stream.generate(() -> command).limit(8).toList());
        }

        // Then
        assertThat(commands.stream().map(Future::resultNow).distinct()).hasSize(1);
    }

    private SuiteSettings settings(Map<String, String> environment) {
        return SuiteSettings.ofEnvironment(root, new HashMap<>(environment));
    }
}

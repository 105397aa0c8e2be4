package io.lorica.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/// The script `./lorica` on machines of the test's making: a home, JDKs and a Maven that only say what they are.
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "the script is for a Unix shell")
class LoricaScriptTest {

    private static final List<String> TOOLS =
            List.of("cat", "dirname", "find", "head", "mkdir", "readlink", "sed", "sort", "tail", "touch");

    @TempDir
    Path machine;

    private final Map<String, String> environment = new HashMap<>();

    @BeforeEach
    void prepare() throws IOException {
        Path bin = Files.createDirectories(machine.resolve("bin"));
        for (String tool : TOOLS) {
            program(bin.resolve(tool), "exec " + tool(tool) + " \"$@\"");
        }
        environment.put("PATH", bin.toString());
        environment.put("HOME", machine.resolve("home").toString());
        environment.put("LORICA_JDK_PLACES", machine.resolve("jvm").toString());
        maven("3.9.9");
    }

    @Test
    void takesJavaHomeFirst() throws Exception {
        // Given
        jdk("jvm/jdk-25", 25);
        environment.put("JAVA_HOME", jdk("elsewhere/jdk", 26).toString());

        // When
        Outcome outcome = lorica("verify");

        // Then
        assertThat(outcome.output()).contains("under " + machine.resolve("elsewhere/jdk"));
    }

    @Test
    void passesByAJavaHomeThatIsTooOld() throws Exception {
        // Given
        environment.put("JAVA_HOME", jdk("elsewhere/jdk", 17).toString());
        jdk("jvm/jdk-25", 25);

        // When
        Outcome outcome = lorica("verify");

        // Then
        assertThat(outcome.output()).contains("under " + machine.resolve("jvm/jdk-25"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "jvm/temurin-25",
                "jvm/zulu",
                "jvm/mac.jdk/Contents/Home",
                "jvm/openjdk/libexec/openjdk.jdk/Contents/Home",
                "home/.sdkman/candidates/java/25-tem"
            })
    void findsAJdkInTheUsualPlaces(String place) throws Exception {
        // Given
        jdk("jvm/java-17", 17);
        jdk(place, 25);

        // When
        Outcome outcome = lorica("verify");

        // Then
        assertThat(outcome.status()).isZero();
        assertThat(outcome.output()).contains("under " + machine.resolve(place));
    }

    @Test
    void findsTheJdkOfThePath() throws Exception {
        // Given
        Path jdk = jdk("somewhere/jdk", 25);
        Files.createSymbolicLink(machine.resolve("bin/javac"), jdk.resolve("bin/javac"));

        // When
        Outcome outcome = lorica("verify");

        // Then
        assertThat(outcome.output()).contains("under " + jdk);
    }

    @Test
    void saysWhatToInstallWithoutAJdk() throws Exception {
        // Given
        jdk("jvm/java-17", 17);
        jdk("home/.sdkman/candidates/java/21-tem", 21);

        // When
        Outcome outcome = lorica("up");

        // Then
        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.output())
                .contains("no JDK 25 found", "temurin-25-jdk", "sdk install java 25-tem", "JAVA_HOME");
    }

    @ParameterizedTest
    @ValueSource(strings = {"3.6.3", "3.8.6"})
    void refusesAMavenThatIsTooOld(String version) throws Exception {
        // Given
        jdk("jvm/jdk-25", 25);
        maven(version);

        // When
        Outcome outcome = lorica("verify");

        // Then
        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.output()).contains("Maven " + version + " is too old", "3.8.7", "apt install maven");
    }

    @ParameterizedTest
    @ValueSource(strings = {"3.8.7", "3.10.1", "4.0.0"})
    void takesAMavenThatIsNewEnough(String version) throws Exception {
        // Given
        jdk("jvm/jdk-25", 25);
        maven(version);

        // When
        Outcome outcome = lorica("verify");

        // Then
        assertThat(outcome.status()).isZero();
    }

    @Test
    void saysWhatToInstallWithoutMaven() throws Exception {
        // Given
        jdk("jvm/jdk-25", 25);
        Files.delete(machine.resolve("bin/mvn"));

        // When
        Outcome outcome = lorica("verify");

        // Then
        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.output()).contains("Maven is missing", "apt install maven");
    }

    @Test
    void checksTheFormatOnlyWhereItMustNotWrite() throws Exception {
        // Given
        jdk("jvm/jdk-25", 25);
        environment.put("CI", "true");

        // When
        Outcome outcome = lorica("verify");

        // Then
        assertThat(outcome.output()).contains("-Dci verify");
    }

    @Test
    void namesACommandThatIsNone() throws Exception {
        // Given
        jdk("jvm/jdk-25", 25);

        // When
        Outcome outcome = lorica("start");

        // Then
        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.output()).contains("usage: ./lorica COMMAND", "there is no command 'start'");
    }

    /// What the script left behind.
    private record Outcome(int status, String output) {}

    private Outcome lorica(String command) throws IOException, InterruptedException {
        ProcessBuilder builder =
                new ProcessBuilder(tool("bash").toString(), script().toString(), command).redirectErrorStream(true);
        builder.environment().clear();
        builder.environment().putAll(environment);
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Outcome(process.waitFor(), output);
    }

    private static Path script() {
        return Path.of("../../lorica").toAbsolutePath().normalize();
    }

    private Path jdk(String place, int version) throws IOException {
        Path home = machine.resolve(place);
        program(home.resolve("bin/java"), "echo '    java.specification.version = " + version + "' >&2");
        program(home.resolve("bin/javac"), "exit 0");
        return home;
    }

    private void maven(String version) throws IOException {
        program(
                machine.resolve("bin/mvn"),
                "[[ $1 == --version ]] && echo 'Apache Maven " + version
                        + " (somewhere)' || echo \"maven $* under $JAVA_HOME\"");
    }

    private void program(Path file, String line) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, "#!" + tool("bash") + "\n" + line + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
    }

    private static Path tool(String name) {
        return List.of("/bin", "/usr/bin").stream()
                .map(folder -> Path.of(folder, name))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow();
    }
}

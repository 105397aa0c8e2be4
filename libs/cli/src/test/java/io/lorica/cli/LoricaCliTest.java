package io.lorica.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class LoricaCliTest {

    @TempDir
    Path root;

    private final ByteArrayOutputStream screen = new ByteArrayOutputStream();

    @Test
    void showsEveryMemberThatIsDown() throws Exception {
        // When
        run("status");

        // Then
        assertThat(screen.toString(StandardCharsets.UTF_8)
                        .lines()
                        .map(line -> line.strip().split("\\s+")[0]))
                .containsExactly("service", "platform", "dataset", "trainer", "inference", "gateway");
        assertThat(screen.toString(StandardCharsets.UTF_8).lines().skip(1))
                .allMatch(line -> line.contains(" down ") && line.contains("http://127.0.0.1:"));
    }

    @Test
    void showsTheProcessOfAMember() throws Exception {
        // Given
        Process trainer = new ProcessBuilder(
                        "tail",
                        "-f",
                        Files.createFile(root.resolve("quarkus-run.jar")).toString())
                .start();
        write("trainer.pid", Long.toString(trainer.pid()));

        // When
        run("status");

        // Then
        try {
            assertThat(screen.toString(StandardCharsets.UTF_8).lines().filter(line -> line.startsWith("trainer")))
                    .singleElement()
                    .asString()
                    .contains(Long.toString(trainer.pid()), "starting")
                    .containsPattern("\\d+ s$");
        } finally {
            trainer.destroy();
        }
    }

    @Test
    void showsTheLogOfAServiceUnderBothItsNames() throws Exception {
        // Given
        write("trainer.log", "a line\n");

        // When
        run("logs", "trainer");
        run("logs", "trainer-service");

        // Then
        assertThat(screen.toString(StandardCharsets.UTF_8)).isEqualTo("a line\na line\n");
    }

    @Test
    void saysThatAServiceHasNoLogYet() {
        assertThatExceptionOfType(CliException.class)
                .isThrownBy(() -> run("logs", "gateway"))
                .withMessageContaining("The gateway has not run yet");
    }

    @Test
    void namesTheServicesThatHaveALog() {
        assertThatExceptionOfType(CliException.class)
                .isThrownBy(() -> run("logs", "kafka"))
                .withMessageContaining("platform, dataset, trainer, inference, gateway");
    }

    @Test
    void namesTheHelpForACommandThatIsNone() {
        assertThatExceptionOfType(CliException.class)
                .isThrownBy(() -> run("start"))
                .withMessageContaining("no command 'start'")
                .withMessageContaining("./lorica help");
    }

    @Test
    void saysThatTheDataStays() throws Exception {
        // When
        run("down");

        // Then
        assertThat(screen.toString(StandardCharsets.UTF_8)).contains("its data stays in " + root.resolve(".lorica"));
    }

    private void run(String... arguments) throws IOException, InterruptedException {
        // A suite of the developer's own may answer on the usual ports.
        SuiteSettings settings = SuiteSettings.onFreePorts(root, root.resolve(".lorica"));
        new LoricaCli(new Suite(settings), new PrintStream(screen, true, StandardCharsets.UTF_8))
                .run(List.of(arguments));
    }

    private void write(String name, String content) throws IOException {
        Path logs = Files.createDirectories(root.resolve(".lorica/logs"));
        Files.writeString(logs.resolve(name), content);
    }
}

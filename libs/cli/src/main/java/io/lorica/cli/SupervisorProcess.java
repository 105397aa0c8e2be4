package io.lorica.cli;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// The process in which the [Supervisor] works. It outlives the command that started it, as the members do, and is no
/// parent of theirs: they go on without it.
///
/// @param suite what it watches
record SupervisorProcess(Suite suite) {

    private static final Path SETSID = Path.of("/usr/bin/setsid");

    /// Starts it where it does not run.
    void ensureRuns() {
        if (pid().isPresent()) {
            return;
        }
        try {
            Files.createDirectories(suite.logs());
            ProcessBuilder builder = new ProcessBuilder(command())
                    .directory(suite.settings().home().toFile())
                    .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()));
            builder.environment().put("LORICA_HOME", suite.settings().home().toString());
            builder.environment().put("LORICA_API_KEY", suite.settings().apiKey());
            Files.writeString(pidFile(), Long.toString(builder.start().pid()));
        } catch (IOException e) {
            throw new UncheckedIOException("the supervisor cannot be started", e);
        }
    }

    /// Ends it, so that what is stopped stays stopped.
    void stop() {
        pid().flatMap(ProcessHandle::of).ifPresent(process -> {
            process.destroyForcibly();
            process.onExit().join();
        });
        try {
            Files.deleteIfExists(pidFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Optional<Long> pid() {
        return suite.pid(pidFile());
    }

    /// Where it tells of each restart.
    Path log() {
        return suite.logs().resolve("supervisor.log");
    }

    private Path pidFile() {
        return suite.logs().resolve("supervisor.pid");
    }

    private List<String> command() {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        List<String> program = List.of(
                java,
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx32m",
                "-Dlorica.root=" + suite.settings().root(),
                "-cp",
                System.getProperty("java.class.path"),
                "io.lorica.cli.LoricaCli",
                "supervise");
        return Files.isExecutable(SETSID)
                ? Stream.concat(Stream.of(SETSID.toString()), program.stream()).toList()
                : program;
    }
}

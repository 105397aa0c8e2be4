package io.lorica.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import io.lorica.testkit.Checkout;

/// Writes the demo model with what is packaged in the trainer-service: the engine stays out of this process, where it
/// would meet the libraries of the client under test.
final class DemoModelProcess {

    private static final String MAIN = "io.lorica.llm.demo.DemoModel";

    private DemoModelProcess() {}

    /// Writes the model and waits until it is there.
    ///
    /// @param model the directory that it is written to
    /// @param home where this leaves the text it learns from, and its log
    static void write(Path model, Path home) {
        Path log = home.resolve("demo-model.log");
        try {
            Path text = Files.write(home.resolve("demo-model.txt"), SampleRows.jsonLines());
            Process process = new ProcessBuilder(command(model, text))
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
            if (process.waitFor() != 0) {
                throw new IllegalStateException("the demo model was not written: " + Files.readString(log));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the demo model cannot be written", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the demo model is written", e);
        }
    }

    private static List<String> command(Path model, Path text) {
        Path libraries = Checkout.root().resolve("trainer-service/target/quarkus-app/lib/main");
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-Dai.djl.offline=true",
                "-cp",
                libraries + "/*",
                MAIN,
                model.toString(),
                text.toString());
    }
}

package io.lorica.llm.bench;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// What is run in a process of its own, so that its memory is its own and its failure nobody else's. Its last line of
/// output is what it has to say.
///
/// @param command the program and its arguments
record Program(List<String> command) {

    Program {
        command = List.copyOf(command);
    }

    /// How it ended.
    ///
    /// @param status 0 where all went well
    /// @param lastLine of its output, empty where it printed nothing
    record Ended(int status, String lastLine) {}

    /// A main class in a JVM like this one, with the same class path.
    static Program java(Class<?> main, List<String> arguments) {
        return new Program(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-cp",
                        System.getProperty("java.class.path"),
                        main.getName()))
                .with(arguments);
    }

    /// The same with more arguments.
    Program with(List<String> more) {
        List<String> all = new ArrayList<>(command);
        all.addAll(more);
        return new Program(all);
    }

    /// Runs it to its end.
    ///
    /// @param complaints where its errors go
    Ended run(ProcessBuilder.Redirect complaints) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(complaints);
        // As the CUDA image sets it; libtorch of both sides reads it.
        builder.environment().putIfAbsent("PYTORCH_CUDA_ALLOC_CONF", "expandable_segments:True");
        Process process = builder.start();
        try (InputStream output = process.getInputStream()) {
            String printed = new String(output.readAllBytes(), StandardCharsets.UTF_8);
            return new Ended(process.waitFor(), printed.lines().reduce("", (_, line) -> line));
        }
    }
}

package io.lorica.llm.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

/// Makes an outcome of what a program has to say.
final class Measurement {

    private static final ObjectMapper JSON = new ObjectMapper();

    private Measurement() {}

    /// Runs a program whose last line of output is a JSON object with `step_s`.
    static Outcome of(Program program) throws InterruptedException {
        try {
            Path complaints = Files.createTempFile("lorica-bench", ".log");
            try {
                Program.Ended ended = program.run(ProcessBuilder.Redirect.to(complaints.toFile()));
                return ended.status() == 0
                        ? read(ended.lastLine())
                        : new Outcome.Failed("exit " + ended.status() + ": " + lastLine(complaints));
            } finally {
                Files.deleteIfExists(complaints);
            }
        } catch (IOException e) {
            return new Outcome.Failed(e.toString());
        }
    }

    private static Outcome read(String last) {
        try {
            JsonNode figures = JSON.readTree(last);
            if (figures.path("step_s").isNumber()) {
                return new Outcome.Measured(figures);
            }
        } catch (JsonProcessingException e) {
            return new Outcome.Failed("it printed no JSON: " + e.getOriginalMessage());
        }
        return new Outcome.Failed("it printed no step_s: " + last);
    }

    // Of a Java trace, the line that names the exception says more than the last frame.
    private static String lastLine(Path complaints) throws IOException {
        List<String> lines = Files.readString(complaints, StandardCharsets.UTF_8)
                .lines()
                .filter(line -> !line.isBlank() && !line.startsWith("\t"))
                .toList();
        return lines.isEmpty() ? "it said nothing" : lines.getLast().strip();
    }
}

package io.lorica.llm.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

/// Runs one measurement in a process of its own, so that its memory is its own and its failure nobody
/// else's.
final class Measurement {

    private static final ObjectMapper JSON = new ObjectMapper();

    private Measurement() {}

    /// Runs a command whose last line of output is a JSON object.
    static Outcome of(List<String> command) throws InterruptedException {
        try {
            Path complaints = Files.createTempFile("lorica-bench", ".log");
            try {
                ProcessBuilder builder = new ProcessBuilder(command).redirectError(complaints.toFile());
                // As the CUDA image sets it; libtorch of both sides reads it.
                builder.environment().putIfAbsent("PYTORCH_CUDA_ALLOC_CONF", "expandable_segments:True");
                Process process = builder.start();
                String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                int status = process.waitFor();
                return status == 0 ? read(output) : new Outcome.Failed("exit " + status + ": " + lastLine(complaints));
            } finally {
                Files.deleteIfExists(complaints);
            }
        } catch (IOException e) {
            return new Outcome.Failed(e.toString());
        }
    }

    private static Outcome read(String output) {
        String last = output.lines().reduce("", (_, line) -> line);
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

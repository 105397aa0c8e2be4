package io.lorica.llm.bench;

import com.fasterxml.jackson.databind.JsonNode;

/// What became of one measurement.
public sealed interface Outcome {

    /// It was measured.
    ///
    /// @param figures the line of JSON that the process printed
    record Measured(JsonNode figures) implements Outcome {

        double seconds() {
            return figures.path("step_s").asDouble();
        }

        double gib() {
            return figures.path("taken_gib").asDouble();
        }
    }

    /// It failed.
    ///
    /// @param reason the last words of the process
    record Failed(String reason) implements Outcome {}
}

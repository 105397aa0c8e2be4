package io.lorica.llm.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.lorica.llm.train.PartsBenchmark;
import io.lorica.llm.train.StepBenchmark;

/// Measures the table of training steps, beside the peer where a Python is given, prints it and writes
/// `bench.json` and `bench.svg`. Where no case is given, the machine decides: the 7B and 1.5B shapes on a
/// GPU, small ones on a CPU.
public final class Bench {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int WRONG_USE = 2;

    private final BenchOptions options;
    private final PrintStream out;

    Bench(BenchOptions options, PrintStream out) {
        this.options = options;
        this.out = out;
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        try {
            boolean failed = new Bench(BenchOptions.parse(List.of(arguments), gpu()), out)
                    .run().stream().anyMatch(row -> row.ours() instanceof Outcome.Failed);
            System.exit(failed ? 1 : 0);
        } catch (IllegalArgumentException e) {
            out.println("lorica: " + e.getMessage());
            System.exit(WRONG_USE);
        }
    }

    // Asking libtorch would take memory of the GPU that is to be measured.
    private static boolean gpu() {
        String device = System.getenv().getOrDefault("LORICA_DEVICE", "auto");
        return device.startsWith("cuda") || (device.equals("auto") && Files.exists(Path.of("/dev/nvidia0")));
    }

    List<BenchRow> run() throws IOException, InterruptedException {
        List<BenchRow> rows = new ArrayList<>();
        for (BenchCase row : options.cases()) {
            Outcome ours = Measurement.of(Program.java(StepBenchmark.class, row.words()));
            Optional<Outcome> peer = options.peer().isPresent() && row.forPeer()
                    ? Optional.of(Measurement.of(peer(row)))
                    : Optional.empty();
            Optional<Outcome> parts = options.parts() && row.hasParts()
                    ? Optional.of(Measurement.of(Program.java(PartsBenchmark.class, row.wordsForParts())))
                    : Optional.empty();
            rows.add(new BenchRow(row, ours, peer, parts));
            out.println(rows.getLast().text());
            // After each row: what was measured stays if the next one takes the machine down.
            write(rows);
        }
        out.println("written: " + options.output().resolve("bench.json").toAbsolutePath() + ", bench.svg");
        return rows;
    }

    private Program peer(BenchCase row) {
        return new Program(
                        List.of(options.peer().orElseThrow(), options.script().toString()))
                .with(row.wordsForPeer());
    }

    private void write(List<BenchRow> rows) throws IOException {
        ArrayNode table = JSON.createArrayNode();
        rows.forEach(row -> table.add(row.json()));
        Path directory = options.output().toAbsolutePath();
        Files.createDirectories(directory);
        Files.writeString(directory.resolve("bench.json"), table.toPrettyString(), StandardCharsets.UTF_8);
        Files.writeString(directory.resolve("bench.svg"), BenchPlot.of(rows), StandardCharsets.UTF_8);
    }
}

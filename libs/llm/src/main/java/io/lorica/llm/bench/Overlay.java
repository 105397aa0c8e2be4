package io.lorica.llm.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.StreamSupport;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorica.llm.train.OverlayRun;

/// Trains the same model with the same rows from the same start here and by the peer, and lays the losses over each
/// other: prints the greatest distance and writes `overlay.json` and `overlay.svg`.
///
/// Usage: `Overlay PYTHON SCRIPT OUT name=value...`, the last as [OverlayRun] takes them, without `out`.
public final class Overlay {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int WIDTH = 800;
    private static final int HEIGHT = 400;

    private Overlay() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        if (arguments.length < 4) {
            System.out.println("usage: Overlay PYTHON SCRIPT OUT model=DIRECTORY [steps=200] [type=bf16] ...");
            System.exit(2);
        }
        Path out = Files.createDirectories(Path.of(arguments[2]).toAbsolutePath());
        List<String> words = new ArrayList<>(List.of(arguments).subList(3, arguments.length));
        words.add("out=" + out);
        List<Double> ours = losses(Program.java(OverlayRun.class, words));
        List<Double> peer = losses(new Program(List.of(arguments[0], arguments[1])).with(words));
        System.out.println(compare(out, ours, peer));
    }

    private static List<Double> losses(Program program) throws IOException, InterruptedException {
        Program.Ended ended = program.run(ProcessBuilder.Redirect.INHERIT);
        if (ended.status() != 0) {
            throw new IOException(program.command().getFirst() + " ended with " + ended.status());
        }
        JsonNode losses = JSON.readTree(ended.lastLine()).path("losses");
        return StreamSupport.stream(losses.spliterator(), false)
                .map(JsonNode::asDouble)
                .toList();
    }

    /// Writes both files and says how far the losses are apart.
    static String compare(Path out, List<Double> ours, List<Double> peer) throws IOException {
        if (ours.isEmpty() || ours.size() != peer.size()) {
            throw new IllegalArgumentException("we made " + ours.size() + " steps and the peer " + peer.size());
        }
        double distance = 0;
        int where = 0;
        for (int step = 0; step < ours.size(); step++) {
            double here = Math.abs(ours.get(step) - peer.get(step));
            // Not a number is as far as it gets.
            if (!(here <= distance)) {
                distance = here;
                where = step;
            }
        }
        ObjectNode report = JSON.createObjectNode();
        report.put("steps", ours.size()).put("max_distance", distance).put("at_step", where + 1);
        report.set("ours", JSON.valueToTree(ours));
        report.set("peer", JSON.valueToTree(peer));
        Files.writeString(out.resolve("overlay.json"), report.toPrettyString(), StandardCharsets.UTF_8);
        Files.writeString(out.resolve("overlay.svg"), plot(ours, peer), StandardCharsets.UTF_8);
        return String.format(
                Locale.ROOT,
                "%d steps, loss %.4f to %.4f, greatest distance %.2e at step %d (peer %.4f)",
                ours.size(),
                ours.getFirst(),
                ours.getLast(),
                distance,
                where + 1,
                peer.get(where));
    }

    private static String plot(List<Double> ours, List<Double> peer) {
        double highest = Math.max(
                ours.stream().mapToDouble(Double::doubleValue).max().orElse(1),
                peer.stream().mapToDouble(Double::doubleValue).max().orElse(1));
        return String.format(
                Locale.ROOT,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"-10 -20 %d %d\" font-family=\"sans-serif\">%n"
                        + "<text x=\"0\" y=\"-5\">loss of a step: peer grey and wide, ours blue; top %.3f, floor"
                        + " 0</text>%n%s%n%s%n</svg>%n",
                WIDTH + 20,
                HEIGHT + 40,
                highest,
                line(peer, highest, "#a0aec0", 5),
                line(ours, highest, "#2b6cb0", 1.5));
    }

    private static String line(List<Double> losses, double highest, String colour, double width) {
        StringBuilder points = new StringBuilder();
        for (int i = 0; i < losses.size(); i++) {
            points.append(String.format(
                    Locale.ROOT,
                    "%.1f,%.1f ",
                    (double) WIDTH * i / Math.max(1, losses.size() - 1),
                    HEIGHT * (1 - losses.get(i) / highest)));
        }
        return String.format(
                Locale.ROOT,
                "<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"%.1f\" points=\"%s\"/>",
                colour,
                width,
                points.toString().strip());
    }
}

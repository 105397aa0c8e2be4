package io.lorica.llm.bench;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class BenchTest {

    @TempDir
    private Path directory;

    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

    @Test
    void reportsACaseThatFailsAndThePeerBesideIt() throws IOException, InterruptedException {
        // Given: a peer that says what it was asked and takes half a second a step
        Path peer = Files.writeString(
                directory.resolve("peer"),
                "#!/bin/sh\nshift\necho \"{\\\"step_s\\\":0.5,\\\"asked\\\":\\\"$*\\\"}\"\n",
                UTF_8);
        Files.setPosixFilePermissions(peer, PosixFilePermissions.fromString("rwx------"));
        BenchOptions options = BenchOptions.parse(
                List.of("--case", "model=none method=fused", "--peer", peer.toString(), "--out", directory.toString()),
                false);

        // When
        List<BenchRow> rows = new Bench(options, new PrintStream(printed, true, UTF_8)).run();

        // Then
        assertThat(rows.getFirst().ours())
                .isInstanceOfSatisfying(
                        Outcome.Failed.class,
                        failure -> assertThat(failure.reason()).contains("RandomModel.NONE"));
        JsonNode row = new ObjectMapper()
                .readTree(Files.readString(directory.resolve("bench.json"), UTF_8))
                .path(0);
        assertThat(row.at("/case/model").asText()).isEqualTo("none");
        assertThat(row.at("/ours/error").asText()).contains("RandomModel.NONE");
        assertThat(row.at("/peer/asked").asText()).isEqualTo("model=none");
        assertThat(row.has("peer_over_ours")).isFalse();
        assertThat(printed.toString(UTF_8)).contains("ours failed").contains("peer 0.500 s");
        assertThat(Files.readString(directory.resolve("bench.svg"), UTF_8))
                .contains("failed")
                .contains("0.500 s");
    }

    @Test
    void saysHowManyTimesFasterWeAre() throws IOException {
        // Given
        BenchRow row = new BenchRow(BenchCase.parse("batch=2 length=4"), measured(0.25), Optional.of(measured(0.5)));

        // Then
        assertThat(row.line()).contains("2 4").contains("peer / ours 2.00");
        assertThat(row.json().path("peer_over_ours").asDouble()).isEqualTo(2);
        assertThat(BenchPlot.of(List.of(row))).contains("peer / ours 2.00");
    }

    @Test
    void laysThePartsOfAStepBesideTheirFloor() throws IOException {
        // Given
        Outcome parts = new Outcome.Measured(new ObjectMapper().readTree("""
                {"step_s": 0.2, "floor_s": 0.1, "sustained_tflops": 700, "sustained_gb_per_s": 4000,
                 "parts": [{"part": "norm", "calls": 4, "us": 20, "floor_us": 10, "over_floor": 2}]}"""));
        BenchRow row = new BenchRow(
                BenchCase.parse("model=qwen_7b batch=2 length=4 policy=keep steps=3"),
                measured(0.25),
                Optional.empty(),
                Optional.of(parts));

        // Then
        assertThat(row.text())
                .contains("0.2000 s over a floor of 0.1000 at 700 TFLOP/s")
                .containsPattern("norm +4 x +20.0 us, floor +10.0, +2.00 x");
        assertThat(row.json().at("/parts/parts/0/calls").asInt()).isEqualTo(4);
        assertThat(row.measured().hasParts()).isTrue();
        assertThat(row.measured().wordsForParts()).containsExactly("model=qwen_7b", "batch=2", "length=4");
    }

    @Test
    void asksThePeerAndForPartsOnlyWhereTheyHaveThem() {
        BenchCase few = BenchCase.parse("model=qwen_7b weights=nf4_double");
        assertThat(few.forPeer()).isFalse();
        assertThat(few.hasParts()).isFalse();
        assertThat(BenchCase.parse("model=qwen_7b policy=offload").forPeer()).isFalse();
        assertThat(BenchCase.parse("model=qwen_7b policy=keep").forPeer()).isTrue();
        assertThat(BenchCase.parse("lengths=4,8").hasParts()).isFalse();
    }

    @Test
    void aProcessThatPrintsNoFiguresHasFailed() throws InterruptedException {
        assertThat(measured("echo", "hello")).isInstanceOf(Outcome.Failed.class);
        assertThat(measured("echo", "{}")).isEqualTo(new Outcome.Failed("it printed no step_s: {}"));
        assertThat(measured("/no/such/program")).isInstanceOf(Outcome.Failed.class);
    }

    private static Outcome measured(String... command) throws InterruptedException {
        return Measurement.of(new Program(List.of(command)));
    }

    @Test
    void aProgramHasItsLastLineToSay() throws IOException, InterruptedException {
        // Given
        Program program = new Program(List.of("sh", "-c")).with(List.of("echo one; echo two; exit 3"));

        // Then
        assertThat(program.run(ProcessBuilder.Redirect.DISCARD)).isEqualTo(new Program.Ended(3, "two"));
    }

    @Test
    void saysWhatItCannotRead() {
        assertThatThrownBy(() -> BenchOptions.parse(List.of("--quick"), false)).hasMessageContaining("'--quick'");
        assertThatThrownBy(() -> BenchOptions.parse(List.of("--peer"), false)).hasMessageContaining("wants a value");
        assertThatThrownBy(() -> BenchCase.parse("batch")).hasMessageContaining("not name=value");
    }

    @Test
    void theMachineDecidesWhereNoCaseIsGiven() {
        assertThat(BenchOptions.parse(List.of(), true).cases())
                .allSatisfy(row -> assertThat(row.arguments()).containsEntry("type", "bf16"));
        assertThat(BenchOptions.parse(List.of(), false).cases())
                .allSatisfy(row -> assertThat(row.arguments()).containsEntry("type", "f32"));
    }

    @Test
    void findsTheStepWhereTheLossesAreFarthestApart() throws IOException {
        // When
        String words = Overlay.compare(directory, List.of(3.0, 2.0, 1.0), List.of(3.0, 2.5, 1.1));

        // Then
        assertThat(words).contains("greatest distance 5.00e-01 at step 2");
        assertThat(Overlay.compare(directory, List.of(1.0, Double.NaN), List.of(1.0, 1.0)))
                .contains("at step 2");
        assertThat(Files.readString(directory.resolve("overlay.svg"), UTF_8)).contains("<polyline");
        assertThatThrownBy(() -> Overlay.compare(directory, List.of(1.0), List.of()))
                .hasMessageContaining("peer 0");
    }

    private static Outcome measured(double seconds) throws IOException {
        return new Outcome.Measured(new ObjectMapper().readTree("{\"step_s\":" + seconds + "}"));
    }
}

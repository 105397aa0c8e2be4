package io.lorica.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/// Real processes that end, and what starts them again.
class SupervisorTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path root;

    private Suite suite;
    private Thread supervisor;
    private final ByteArrayOutputStream told = new ByteArrayOutputStream();

    @BeforeEach
    void start() throws IOException {
        StubService.write(root);
        SuiteSettings free = SuiteSettings.onFreePorts(root, root.resolve(".lorica"));
        Map<String, String> environment = new HashMap<>();
        free.ports().forEach((member, port) -> environment.put("LORICA_" + member.name() + "_PORT", port.toString()));
        environment.put("LORICA_MANAGEMENT_PORT", Integer.toString(free.managementPort()));
        environment.put("KAFKA_BOOTSTRAP_SERVERS", "broker:9092");
        environment.put("LORICA_STORE_ENDPOINT", "http://store:9000");
        suite = new Suite(SuiteSettings.ofEnvironment(root, environment));
        suite.up(_ -> {});
    }

    @AfterEach
    void stop() throws InterruptedException {
        if (supervisor != null) {
            supervisor.interrupt();
            supervisor.join();
        }
        suite.down();
    }

    @Test
    void startsAgainRightAfterAKill() {
        for (int kill = 0; kill < 3; kill++) {
            // Given
            long before = suite.pid(Member.TRAINER).orElseThrow();
            ProcessHandle.of(before).orElseThrow().destroyForcibly();

            // When
            suite.up(_ -> {});

            // Then
            assertThat(suite.ready(Member.TRAINER)).isTrue();
            assertThat(suite.pid(Member.TRAINER))
                    .isPresent()
                    .hasValueSatisfying(now -> assertThat(now).isNotEqualTo(before));
        }
    }

    @Test
    void restartsAMemberThatEndsAndLeavesTheOthersAlone() {
        // Given
        supervise();
        long trainer = suite.pid(Member.TRAINER).orElseThrow();
        long gateway = suite.pid(Member.GATEWAY).orElseThrow();

        // When
        suite.kill(Member.TRAINER);

        // Then
        await(() -> suite.pid(Member.TRAINER).filter(now -> now != trainer).isPresent() && suite.ready(Member.TRAINER));
        assertThat(suite.pid(Member.GATEWAY)).contains(gateway);
        assertThat(suite.restarts(Member.TRAINER).read().count()).isEqualTo(1);
        assertThat(suite.previousLog(Member.TRAINER)).exists();
        assertThat(told.toString(StandardCharsets.UTF_8)).contains("trainer has ended, restart 1");
    }

    @Test
    void restartsAMemberThatSaysThatItIsStuck() throws IOException {
        // Given
        long inference = suite.pid(Member.INFERENCE).orElseThrow();
        Path stuck = suite.settings().home().resolve("stuck-" + suite.settings().port(Member.INFERENCE));
        Files.createFile(stuck);
        supervise(Duration.ofMillis(100));

        // When
        await(() -> suite.pid(Member.INFERENCE).filter(now -> now == inference).isEmpty());
        Files.delete(stuck);

        // Then
        await(() -> suite.ready(Member.INFERENCE));
        assertThat(told.toString(StandardCharsets.UTF_8)).contains("inference is stuck and is stopped");
    }

    @Test
    void waitsTwiceAsLongBeforeEachRestartUpToAMinute() {
        // Given
        Restarts.Standing standing = Restarts.Standing.NONE;
        Instant now = Instant.parse("2026-01-01T00:00:00Z");

        // When
        StringBuilder pauses = new StringBuilder();
        for (int end = 0; end < 8; end++) {
            standing = standing.ended(now);
            pauses.append(Duration.between(now, standing.next()).toSeconds()).append(' ');
            now = standing.next().plusSeconds(2);
        }

        // Then
        assertThat(pauses.toString().strip()).isEqualTo("1 2 4 8 16 32 60 60");
        Restarts.Standing later = standing.ended(now.plus(Duration.ofMinutes(11)));
        assertThat(Duration.between(later.last(), later.next())).isEqualTo(Duration.ofSeconds(1));
        assertThat(later.count()).isEqualTo(9);
    }

    @Test
    void keepsTheCountInAFile() {
        // Given
        Restarts restarts = new Restarts(root.resolve("logs/x.restarts"));
        Instant now = Instant.parse("2026-01-01T00:00:00Z");

        // When
        restarts.ended(now);

        // Then
        assertThat(restarts.read()).isEqualTo(new Restarts.Standing(1, now, now.plusSeconds(1)));
        restarts.clear();
        assertThat(restarts.read()).isEqualTo(Restarts.Standing.NONE);
    }

    @Test
    void takesAZombieForAProcessThatHasEnded() throws IOException {
        // Given
        Path stat = Files.writeString(root.resolve("stat"), "4711 (java (x) Z) Z 1 4711 4711 0 -1");
        Path running = Files.writeString(root.resolve("stat2"), "4711 (java) Z) S 1 4711 4711 0 -1");

        // When // Then
        assertThat(ProcessState.ended(stat)).isTrue();
        assertThat(ProcessState.ended(running)).isFalse();
        assertThat(ProcessState.ended(root.resolve("none"))).isFalse();
    }

    private void supervise() {
        supervise(Duration.ofSeconds(10));
    }

    private void supervise(Duration question) {
        PrintStream log = new PrintStream(told, true, StandardCharsets.UTF_8);
        supervisor = Thread.ofPlatform().start(() -> {
            try {
                new Supervisor(suite, log, question).run();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    private static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            try {
                Thread.sleep(50);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}

package io.lorica.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;

/// Makes the AOT caches of a build: starts the packaged suite once, on free ports and in a home of its own, asks it a
/// few things and stops it. Each JVM then writes what it has loaded.
final class AotTraining {

    private static final int ROWS = 12;

    private final Path root;

    /// @param root the source tree with the packaged services
    AotTraining(Path root) {
        this.root = root;
    }

    /// Makes the caches that are missing.
    ///
    /// @throws CliException when a member cannot start or writes no cache; what is there then still works, slower
    void run() throws IOException, InterruptedException {
        Path home = Files.createTempDirectory("lorica-aot-");
        try {
            SuiteSettings settings = SuiteSettings.onFreePorts(root, home);
            MemberCommand recording = MemberCommand.recording(settings);
            List<AotCache> missing = Stream.of(Member.values())
                    .map(recording::cache)
                    .filter(cache -> cache.made().isEmpty())
                    .toList();
            if (missing.isEmpty()) {
                return;
            }
            record(new Suite(settings, recording));
            for (AotCache cache : missing) {
                cache.publish();
            }
        } finally {
            delete(home);
        }
    }

    private static void record(Suite suite) throws IOException, InterruptedException {
        suite.up(_ -> {});
        try {
            exercise(new LoricaClient(
                    suite.settings().address(Member.GATEWAY), suite.settings().apiKey()));
        } finally {
            stop(suite);
        }
    }

    // What every session does first.
    private static void exercise(LoricaClient client) throws IOException, InterruptedException {
        client.get("/v1/models");
        client.get("/v1/fine_tuning/jobs");
        String row = "{\"Question\": \"q\", \"Complex_CoT\": \"t\", \"Response\": \"r\"}\n";
        String file = client.upload("rows.jsonl", row.repeat(ROWS).getBytes(StandardCharsets.UTF_8));
        client.get("/v1/files/" + file + "/rows");
        client.get("/v1/files");
    }

    // Side by side, because each JVM takes seconds to write its cache; the platform last, because the others need it.
    private static void stop(Suite suite) throws InterruptedException {
        try (ExecutorService stops = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> stopping = new ArrayList<>();
            for (Member service : Member.services()) {
                stopping.add(stops.submit(() -> suite.stop(service)));
            }
            for (Future<?> stopped : stopping) {
                stopped.get();
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException("stopping a service failed", e);
        } finally {
            suite.stop(Member.PLATFORM);
        }
    }

    private static void delete(Path home) throws IOException {
        try (Stream<Path> content = Files.walk(home)) {
            for (Path path : content.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}

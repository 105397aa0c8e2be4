package io.lorica.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import io.lorica.testkit.Checkout;

/// A packaged service that runs as a process of its own, as in production.
final class ServiceProcess {

    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final int OK = 200;

    private final String name;
    private final int port;
    private final int healthPort;
    private final Path log;
    private final Process process;

    private ServiceProcess(String name, int port, int healthPort, Path log, Process process) {
        this.name = name;
        this.port = port;
        this.healthPort = healthPort;
        this.log = log;
        this.process = process;
    }

    /// Starts a service with one port for everything; does not wait for it.
    static ServiceProcess start(String name, int port, Path home, Map<String, String> environment) {
        return start(name, port, port, home, environment);
    }

    /// Starts a service that says on a port of its own how it is; does not wait for it.
    static ServiceProcess start(String name, int port, int healthPort, Path home, Map<String, String> environment) {
        Path application = Checkout.root().resolve(name).resolve("target/quarkus-app/quarkus-run.jar");
        if (!Files.isRegularFile(application)) {
            throw new IllegalStateException(
                    application + " is missing; package the services first: mvn -Dquick package");
        }
        try {
            Files.createDirectories(home);
            Path log = home.resolve(name + ".log");
            ProcessBuilder builder = new ProcessBuilder(command(application))
                    .directory(home.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
            builder.environment().putAll(environment);
            builder.environment().put("LORICA_HTTP_PORT", Integer.toString(port));
            builder.environment().put("LORICA_MANAGEMENT_PORT", Integer.toString(healthPort));
            builder.environment().put("QUARKUS_HTTP_HOST", "127.0.0.1");
            return new ServiceProcess(name, port, healthPort, log, builder.start());
        } catch (IOException e) {
            throw new UncheckedIOException("the " + name + " cannot be started", e);
        }
    }

    /// Where it listens.
    String address() {
        return "http://127.0.0.1:" + port;
    }

    /// Waits until the service says that it is ready.
    void awaitReady() {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        try (HttpClient client = HttpClient.newHttpClient()) {
            while (!ready(client)) {
                if (!process.isAlive() || System.nanoTime() > deadline) {
                    throw new IllegalStateException("the " + name + " did not become ready; its log says: " + tail());
                }
                Thread.sleep(100);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the " + name + " starts", e);
        }
    }

    /// Ends the process as `kill -9` does.
    void kill() {
        process.destroyForcibly().onExit().join();
    }

    /// Asks the process to end; does not wait for it.
    void stop() {
        process.destroy();
    }

    /// Waits until the process has ended.
    void awaitEnd() {
        process.onExit().join();
    }

    /// The end of what it wrote.
    String tail() {
        try {
            List<String> lines = Files.readAllLines(log);
            return String.join("\n", lines.subList(Math.max(0, lines.size() - 40), lines.size()));
        } catch (IOException e) {
            return "(its log cannot be read: " + e.getMessage() + ")";
        }
    }

    private boolean ready(HttpClient client) throws InterruptedException {
        HttpRequest question = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + healthPort + "/q/health/ready"))
                .timeout(Duration.ofSeconds(20))
                .build();
        try {
            return client.send(question, BodyHandlers.discarding()).statusCode() == OK;
        } catch (IOException e) {
            return false;
        }
    }

    private static List<String> command(Path application) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx512m",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-Dai.djl.offline=true",
                "-jar",
                application.toString()));
        return command;
    }
}

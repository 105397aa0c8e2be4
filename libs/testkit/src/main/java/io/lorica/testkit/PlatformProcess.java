package io.lorica.testkit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A running platform: broker and store in a JVM of their own.
///
/// @param pid the process
/// @param kafka the broker's address
/// @param store the store's endpoint
public record PlatformProcess(long pid, String kafka, String store) {

    /// The access key that the store takes.
    public static final String ACCESS_KEY = "lorica";

    /// The secret key that the store takes.
    public static final String SECRET_KEY = "lorica-secret";

    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final int TRIES = 3;

    /// Starts a platform on free ports.
    ///
    /// @param home directory of its data and of its log
    /// @param owner the process with whose end the platform ends
    public static PlatformProcess start(Path home, long owner) {
        try {
            Files.createDirectories(home);
            // Between the choice of a free port and its use another program may take it.
            for (int i = 1; i < TRIES; i++) {
                try {
                    return start(home, owner, freePorts(3));
                } catch (IOException e) {
                    if (!String.valueOf(e.getMessage()).contains("is taken by another program")) {
                        throw e;
                    }
                }
            }
            return start(home, owner, freePorts(3));
        } catch (IOException e) {
            throw new IllegalStateException("the test platform cannot be started in " + home, e);
        }
    }

    private static PlatformProcess start(Path home, long owner, List<Integer> ports) throws IOException {
        Path log = home.resolve("platform.log");
        Process process = new ProcessBuilder(command(home, owner, ports))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        awaitReady(process, log);
        return new PlatformProcess(process.pid(), "127.0.0.1:" + ports.get(0), "http://127.0.0.1:" + ports.get(2));
    }

    /// Whether the process lives and the broker takes connections.
    public boolean usable() {
        Optional<ProcessHandle> handle = ProcessHandle.of(pid).filter(ProcessHandle::isAlive);
        return handle.isPresent() && connects(kafka);
    }

    /// Ends the process and waits for its end.
    public void stop() {
        ProcessHandle.of(pid).ifPresent(handle -> {
            handle.destroy();
            handle.onExit().join();
        });
    }

    static List<String> command(Path home, long owner, List<Integer> ports) {
        Path module = Checkout.root().resolve("libs/embedded-platform/target");
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        String classPath = module.resolve("classes") + System.getProperty("path.separator")
                + module.resolve("platform/lib") + "/*";
        return List.of(
                java,
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx512m",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                classPath,
                "io.lorica.platform.PlatformMain",
                "--home",
                home.toString(),
                "--kafka-port",
                Integer.toString(ports.get(0)),
                "--controller-port",
                Integer.toString(ports.get(1)),
                "--store-port",
                Integer.toString(ports.get(2)),
                "--exit-with-process",
                Long.toString(owner));
    }

    // All sockets are open at once: asked one after the other, the system may name the same port twice.
    static List<Integer> freePorts(int count) throws IOException {
        List<ServerSocket> sockets = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
            }
            return sockets.stream().map(ServerSocket::getLocalPort).toList();
        } finally {
            for (ServerSocket socket : sockets) {
                socket.close();
            }
        }
    }

    private static void awaitReady(Process process, Path log) throws IOException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (Files.readAllLines(log).stream().noneMatch(line -> line.startsWith("READY "))) {
            if (!process.isAlive() || System.nanoTime() > deadline) {
                process.destroyForcibly();
                throw new IOException("the platform did not become ready; its log says: " + Files.readString(log));
            }
            pause();
        }
    }

    private static void pause() {
        try {
            Thread.sleep(50);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the platform starts", e);
        }
    }

    private static boolean connects(String address) {
        int colon = address.lastIndexOf(':');
        try (Socket socket = new Socket(address.substring(0, colon), Integer.parseInt(address.substring(colon + 1)))) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }
}

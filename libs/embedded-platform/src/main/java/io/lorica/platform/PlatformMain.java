package io.lorica.platform;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.CountDownLatch;

/// Starts broker and store, prints one line `READY kafka=… store=…` and runs until it is told to stop: by a signal, or
/// by the end of its standard input (`--exit-with-parent`) or of another process (`--exit-with-process`).
public final class PlatformMain {

    private static final int CANNOT_START = 1;

    private PlatformMain() {}

    /// Starts the platform; see [PlatformSettings] for the options.
    @SuppressWarnings("SystemOut")
    public static void main(String[] arguments) {
        try {
            run(PlatformSettings.parse(arguments));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) {
            System.out.println("FAILED " + e.getMessage());
            // A half started server leaves threads behind that would keep the process alive.
            Runtime.getRuntime().halt(CANNOT_START);
        }
    }

    @SuppressWarnings("SystemOut")
    private static void run(PlatformSettings settings) throws Exception {
        requireFree(settings.kafkaPort(), "the Kafka broker", "--kafka-port");
        requireFree(settings.controllerPort(), "the Kafka controller", "--controller-port");
        requireFree(settings.storePort(), "the S3 server", "--store-port");
        EmbeddedStore store = EmbeddedStore.start(
                settings.home().resolve("s3"), settings.storePort(), settings.accessKey(), settings.secretKey());
        EmbeddedKafka kafka =
                EmbeddedKafka.start(settings.home().resolve("kafka"), settings.kafkaPort(), settings.controllerPort());
        CountDownLatch stopped = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(kafka, store, stopped), "platform-stop"));
        System.out.println("READY kafka=" + kafka.address() + " store=" + store.endpoint());
        settings.exitWithProcess().ifPresent(PlatformMain::exitWith);
        if (settings.exitWithParent()) {
            awaitEndOfInput();
            System.exit(0);
        }
        stopped.await();
    }

    private static void exitWith(long process) {
        ProcessHandle.of(process)
                .ifPresentOrElse(handle -> handle.onExit().thenRun(() -> System.exit(0)), () -> System.exit(0));
    }

    private static void requireFree(int port, String what, String option) {
        try (ServerSocket probe = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            probe.setReuseAddress(true);
        } catch (IOException e) {
            throw new IllegalStateException(
                    "port 127.0.0.1:" + port + " for " + what + " is taken by another program; stop it, or choose"
                            + " another port with " + option,
                    e);
        }
    }

    private static void awaitEndOfInput() throws IOException {
        int next = System.in.read();
        while (next >= 0) {
            next = System.in.read();
        }
    }

    private static void stop(EmbeddedKafka kafka, EmbeddedStore store, CountDownLatch stopped) {
        try {
            kafka.close();
            store.close();
        } catch (Exception e) {
            System.err.println("the platform did not stop cleanly: " + e.getMessage());
        } finally {
            stopped.countDown();
        }
    }
}

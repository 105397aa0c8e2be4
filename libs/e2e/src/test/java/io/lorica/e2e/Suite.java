package io.lorica.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import io.lorica.testkit.PlatformProcess;

/// The whole of Lorica on this machine: broker and store in one process, each service in its own.
final class Suite implements AutoCloseable {

    static final String KEY = "sk-end-to-end";

    private static final String BUCKET = "lorica";

    private final Path home;
    private final Path baseModel;
    private final PlatformProcess platform;
    private final int trainerPort;
    private final ServiceProcess dataset;
    private final ServiceProcess inference;
    private final ServiceProcess gateway;
    private ServiceProcess trainer;

    private Suite(Path home, PlatformProcess platform, List<Integer> ports) {
        this.home = home;
        this.baseModel = home.resolve("demo");
        DemoModelProcess.write(baseModel, home);
        this.platform = platform;
        this.trainerPort = ports.get(1);
        this.dataset = ServiceProcess.start("dataset-service", ports.get(0), home, environment());
        this.trainer = ServiceProcess.start("trainer-service", trainerPort, home, environment());
        this.inference = ServiceProcess.start("inference-service", ports.get(2), home, environment());
        this.gateway = ServiceProcess.start(
                "gateway",
                ports.get(3),
                ports.get(4),
                home,
                Map.of(
                        "LORICA_API_KEY", KEY,
                        "LORICA_GATEWAY_UPSTREAMS_DATASET", dataset.address(),
                        "LORICA_GATEWAY_UPSTREAMS_TRAINER", trainer.address(),
                        "LORICA_GATEWAY_UPSTREAMS_INFERENCE", inference.address()));
    }

    /// Starts everything and waits until it is ready.
    static Suite start(Path home) {
        PlatformProcess platform = PlatformProcess.start(
                home.resolve("platform"), ProcessHandle.current().pid());
        Suite suite = new Suite(home, platform, freePorts(5));
        try {
            List.of(suite.dataset, suite.trainer, suite.inference, suite.gateway)
                    .forEach(ServiceProcess::awaitReady);
            return suite;
        } catch (RuntimeException e) {
            suite.close();
            throw e;
        }
    }

    /// A client of the gateway that checks every answer against OpenAI's schema.
    OpenAIClient client() {
        return clientWithKey(KEY);
    }

    /// The same with another key.
    OpenAIClient clientWithKey(String key) {
        return OpenAIOkHttpClient.builder()
                .baseUrl(gateway.address() + "/v1")
                .apiKey(key)
                .responseValidation(true)
                .maxRetries(0)
                .build();
    }

    /// Where the gateway answers.
    URI gatewayAddress() {
        return URI.create(gateway.address());
    }

    /// The small model that the suite brings along.
    String baseModel() {
        return baseModel.toString();
    }

    /// Ends the trainer as `kill -9` does.
    void killTrainer() {
        trainer.kill();
    }

    /// Starts the trainer again and waits until it is ready.
    void restartTrainer() {
        trainer = ServiceProcess.start("trainer-service", trainerPort, home, environment());
        trainer.awaitReady();
    }

    /// Where the store keeps the objects, as files named by their keys.
    Path objects() {
        return home.resolve("platform/s3").resolve(BUCKET);
    }

    /// What the services wrote last, for the message of a failed test.
    String logs() {
        return "dataset-service:\n" + dataset.tail() + "\n\ntrainer-service:\n" + trainer.tail()
                + "\n\ninference-service:\n" + inference.tail() + "\n\ngateway:\n" + gateway.tail();
    }

    @Override
    public void close() {
        List<ServiceProcess> services = List.of(gateway, inference, trainer, dataset);
        services.forEach(ServiceProcess::stop);
        services.forEach(ServiceProcess::awaitEnd);
        platform.stop();
    }

    private Map<String, String> environment() {
        Map<String, String> variables = new HashMap<>();
        variables.put("KAFKA_BOOTSTRAP_SERVERS", platform.kafka());
        variables.put("LORICA_STORE_ENDPOINT", platform.store());
        variables.put("LORICA_STORE_ACCESS_KEY", PlatformProcess.ACCESS_KEY);
        variables.put("LORICA_STORE_SECRET_KEY", PlatformProcess.SECRET_KEY);
        variables.put("LORICA_STORE_BUCKET", BUCKET);
        variables.put("LORICA_DATASET_WORK_DIRECTORY", home.resolve("uploads").toString());
        variables.put("LORICA_TRAINER_WORK_DIRECTORY", home.resolve("work").toString());
        variables.put("LORICA_INFERENCE_ADAPTER_CACHE", home.resolve("adapters").toString());
        variables.put("LORICA_MODELS_CACHE", home.resolve("models").toString());
        variables.put("LORICA_BASE_MODEL", baseModel());
        return variables;
    }

    // All sockets are open at once: asked one after the other, the system may name the same port twice.
    private static List<Integer> freePorts(int count) {
        List<ServerSocket> sockets = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
            }
            List<Integer> ports =
                    sockets.stream().map(ServerSocket::getLocalPort).toList();
            for (ServerSocket socket : sockets) {
                socket.close();
            }
            return ports;
        } catch (IOException e) {
            throw new UncheckedIOException("no ports are free", e);
        }
    }
}

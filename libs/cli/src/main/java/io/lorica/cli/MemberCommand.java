package io.lorica.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The command line and the environment with which a member starts.
///
/// @param settings how the suite runs
record MemberCommand(SuiteSettings settings) {

    private static final Path SETSID = Path.of("/usr/bin/setsid");
    private static final String ACCESS_KEY = "lorica";
    private static final String SECRET_KEY = "lorica-secret";

    List<String> of(Member member) {
        List<String> command = new ArrayList<>();
        // A session of its own: closing the terminal does not end the suite.
        if (Files.isExecutable(SETSID)) {
            command.add(SETSID.toString());
        }
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-XX:+UseSerialGC");
        command.add("--sun-misc-unsafe-memory-access=allow");
        command.add("--enable-native-access=ALL-UNNAMED");
        if (!member.runsModels()) {
            command.add("-XX:TieredStopAtLevel=1");
            command.add("-Xmx512m");
        }
        command.addAll(member == Member.PLATFORM ? platform() : service(member));
        return command;
    }

    private List<String> platform() {
        Path module = settings.root().resolve("libs/embedded-platform/target");
        return List.of(
                "-cp",
                module.resolve("classes") + System.getProperty("path.separator") + module.resolve("platform/lib")
                        + "/*",
                "io.lorica.platform.PlatformMain",
                "--home",
                settings.home().resolve("platform").toString(),
                "--kafka-port",
                Integer.toString(settings.kafkaPort()),
                "--controller-port",
                Integer.toString(settings.controllerPort()),
                "--store-port",
                Integer.toString(settings.port(Member.PLATFORM)));
    }

    private List<String> service(Member member) {
        Path jar = settings.root().resolve(member.folder()).resolve("target/quarkus-app/quarkus-run.jar");
        if (!Files.exists(jar)) {
            throw new CliException(jar + " is missing. Run ./lorica up, which builds it.");
        }
        return member.runsModels()
                ? List.of("-Dai.djl.offline=true", "-jar", jar.toString())
                : List.of("-jar", jar.toString());
    }

    Map<String, String> environment(Member member) {
        Map<String, String> environment = new HashMap<>();
        if (member == Member.PLATFORM) {
            return environment;
        }
        environment.put("LORICA_HTTP_PORT", Integer.toString(settings.port(member)));
        environment.put("QUARKUS_HTTP_HOST", "127.0.0.1");
        environment.put("KAFKA_BOOTSTRAP_SERVERS", settings.kafka());
        environment.put("LORICA_STORE_ENDPOINT", settings.store());
        if (settings.externalStore().isEmpty()) {
            environment.put("LORICA_STORE_ACCESS_KEY", ACCESS_KEY);
            environment.put("LORICA_STORE_SECRET_KEY", SECRET_KEY);
        }
        environment.put(
                "LORICA_MODELS_CACHE", settings.home().resolve("models/cache").toString());
        environment.put(
                "LORICA_DATASET_WORK_DIRECTORY",
                settings.home().resolve("work/dataset").toString());
        environment.put(
                "LORICA_TRAINER_WORK_DIRECTORY",
                settings.home().resolve("work/trainer").toString());
        environment.put(
                "LORICA_INFERENCE_ADAPTER_CACHE",
                settings.home().resolve("work/adapters").toString());
        environment.put("LORICA_API_KEY", settings.apiKey());
        environment.put("LORICA_GATEWAY_UPSTREAMS_DATASET", settings.address(Member.DATASET));
        environment.put("LORICA_GATEWAY_UPSTREAMS_TRAINER", settings.address(Member.TRAINER));
        environment.put("LORICA_GATEWAY_UPSTREAMS_INFERENCE", settings.address(Member.INFERENCE));
        if (member.runsModels()) {
            // Threads that spin while they wait bring a machine to a crawl that others use, too.
            environment.put("OMP_WAIT_POLICY", System.getenv().getOrDefault("OMP_WAIT_POLICY", "PASSIVE"));
        }
        settings.baseModel().ifPresent(model -> environment.put("LORICA_BASE_MODEL", model));
        return environment;
    }
}

package io.lorica.cli;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The command line and the environment with which a member starts.
///
/// @param settings how the suite runs
/// @param records whether members without an AOT cache write one when they end
record MemberCommand(SuiteSettings settings, boolean records) {

    private static final Path SETSID = Path.of("/usr/bin/setsid");
    private static final String ACCESS_KEY = "lorica";
    private static final String SECRET_KEY = "lorica-secret";

    /// Commands of members that start from the AOT caches that are there.
    static MemberCommand starting(SuiteSettings settings) {
        return new MemberCommand(settings, false);
    }

    /// Commands of members that write AOT caches.
    static MemberCommand recording(SuiteSettings settings) {
        return new MemberCommand(settings, true);
    }

    /// The AOT cache of a member as it is built now.
    AotCache cache(Member member) {
        return AotCache.of(member, settings.root().resolve("target/aot"), jars(member));
    }

    private List<Path> jars(Member member) {
        return member == Member.PLATFORM
                ? platformJars()
                : List.of(settings.root().resolve(member.folder()).resolve("target/quarkus-app"));
    }

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
            command.add("-Xmx512m");
        }
        command.addAll(aot(member));
        command.addAll(member == Member.PLATFORM ? platform() : service(member));
        return command;
    }

    // Without profiles: those of a short run would keep methods at the first compiler's level that are busy only later.
    // Without adapters: some do not fit, and each of them would be a warning in the log.
    private List<String> aot(Member member) {
        if (records && cache(member).made().isEmpty()) {
            return List.of(
                    "-XX:TieredStopAtLevel=1",
                    "-XX:+UnlockDiagnosticVMOptions",
                    "-XX:-AOTRecordTraining",
                    "-XX:-AOTAdapterCaching",
                    "-XX:AOTCacheOutput=" + cache(member).draft());
        }
        return cache(member).made().map(file -> List.of("-XX:AOTCache=" + file)).orElse(List.of());
    }

    // A cache fits jars in one order, and no folder of classes.
    private List<Path> platformJars() {
        Path module = settings.root().resolve("libs/embedded-platform/target");
        List<Path> jars = new ArrayList<>(AotCache.jars(module.resolve("platform/lib")));
        try (Stream<Path> own = Files.exists(module) ? Files.list(module) : Stream.empty()) {
            own.filter(path -> path.getFileName().toString().matches("lorica-embedded-platform-.*(?<!sources)\\.jar"))
                    .sorted()
                    .forEach(jars::addFirst);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return jars;
    }

    private List<String> platform() {
        return List.of(
                "-cp",
                platformJars().stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator)),
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
        if (member == Member.GATEWAY) {
            environment.put("LORICA_MANAGEMENT_PORT", Integer.toString(settings.managementPort()));
        }
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
        environment.put(
                "LORICA_MODELS_NAMES",
                System.getenv()
                        .getOrDefault("LORICA_MODELS_NAMES", SuiteSettings.DEMO_MODEL + "=" + settings.demoModel()));
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

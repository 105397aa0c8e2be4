package io.lorica.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// The commands behind `./lorica`.
public final class LoricaCli {

    private static final int FAILED = 1;

    private final Suite suite;
    private final SupervisorProcess supervisor;
    private final PrintStream out;

    LoricaCli(Suite suite, PrintStream out) {
        this.suite = suite;
        this.supervisor = new SupervisorProcess(suite);
        this.out = out;
    }

    /// Runs one command: `up`, `down`, `status`, `logs SERVICE [-f]`, `demo`; `supervise`, which `up` starts, or
    /// `train-starts`, which the build does.
    @SuppressWarnings("SystemOut")
    public static void main(String[] arguments) throws InterruptedException {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        try {
            Path root = Path.of(System.getProperty("lorica.root", "")).toAbsolutePath();
            SuiteSettings settings = SuiteSettings.ofEnvironment(root, System.getenv());
            new LoricaCli(new Suite(settings), out).run(List.of(arguments));
        } catch (CliException e) {
            out.println("lorica: " + e.getMessage());
            System.exit(FAILED);
        } catch (IOException e) {
            out.println("lorica: " + e + ". ./lorica status shows what runs.");
            System.exit(FAILED);
        }
    }

    void run(List<String> arguments) throws IOException, InterruptedException {
        String command = arguments.isEmpty() ? "" : arguments.getFirst();
        switch (command) {
            case "up" -> up();
            case "down" -> down();
            case "status" -> status();
            case "logs" -> logs(arguments.subList(1, arguments.size()));
            case "demo" -> demo();
            case "supervise" -> new Supervisor(suite, out).run();
            case "train-starts" -> new AotTraining(suite.settings().root()).run();
            default -> throw new CliException("There is no command '" + command + "'. ./lorica help lists them.");
        }
    }

    private void up() {
        start();
        out.println();
        status();
        SuiteSettings settings = suite.settings();
        out.printf(
                """

                API      %s/v1
                API key  %s
                data     %s

                next     ./lorica demo
                         curl -H 'Authorization: Bearer %s' %s/v1/models
                         ./lorica logs trainer -f
                         ./lorica down
                %n""",
                settings.address(Member.GATEWAY),
                settings.apiKey(),
                settings.home(),
                settings.apiKey(),
                settings.address(Member.GATEWAY));
    }

    private void start() {
        Instant began = Instant.now();
        out.println("starting Lorica ...");
        suite.up(member -> out.printf(
                Locale.ROOT,
                "  %-10s ready after %5.1f s%n",
                member.label(),
                seconds(Duration.between(began, Instant.now()))));
        supervisor.ensureRuns();
    }

    private void down() {
        supervisor.stop();
        suite.down();
        out.println("Lorica is down; its data stays in " + suite.settings().home());
    }

    private void status() {
        out.printf(
                "%-10s %8s %-28s %-14s %9s %9s %10s%n",
                "service", "pid", "address", "state", "memory", "restarts", "up for");
        for (Member member : suite.members()) {
            Optional<Long> pid = suite.pid(member);
            Restarts.Standing restarts = suite.restarts(member).read();
            out.printf(
                    Locale.ROOT,
                    "%-10s %8s %-28s %-14s %9s %9s %10s%n",
                    member.label(),
                    pid.map(Object::toString).orElse("-"),
                    suite.settings().address(member),
                    state(member, pid, restarts),
                    pid.flatMap(ProcessMemory::residentMib)
                            .map(mib -> mib + " MiB")
                            .orElse("-"),
                    restarts.count(),
                    pid.flatMap(ProcessHandle::of)
                            .flatMap(process -> process.info().startInstant())
                            .map(started ->
                                    Duration.between(started, Instant.now()).toSeconds() + " s")
                            .orElse("-"));
        }
        supervisor
                .pid()
                .ifPresent(pid ->
                        out.printf("supervised by process %d, which tells of restarts in %s%n", pid, supervisor.log()));
    }

    private String state(Member member, Optional<Long> pid, Restarts.Standing restarts) {
        if (pid.isPresent()) {
            return suite.ready(member) ? "ready" : suite.stuck(member) ? "stuck" : "starting";
        }
        long seconds = Duration.between(Instant.now(), restarts.next()).toSeconds() + 1;
        return supervisor.pid().isPresent() ? "restart in " + Math.max(1, seconds) + "s" : "down";
    }

    private void logs(List<String> arguments) throws IOException, InterruptedException {
        Member member = arguments.stream()
                .filter(argument -> !argument.startsWith("-"))
                .findFirst()
                .flatMap(Member::named)
                .orElseThrow(() -> new CliException(
                        "Name one of platform, dataset, trainer, inference, gateway; -f follows the log."));
        Path log = suite.log(member);
        if (!Files.exists(log)) {
            throw new CliException("The " + member.label() + " has not run yet; there is no " + log + ".");
        }
        new LogFollower(log, out).show(arguments.contains("-f"));
    }

    private void demo() throws IOException, InterruptedException {
        start();
        new Demo(suite.settings(), out).run();
    }

    private static double seconds(Duration duration) {
        return duration.toMillis() / 1000.0;
    }
}

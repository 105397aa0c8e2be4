package io.lorica.cli;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/// The platform and the services as processes of this machine. They outlive the process that started them; their
/// process ids are kept in files.
public final class Suite implements AutoCloseable {

    private static final Duration START_PATIENCE = Duration.ofMinutes(3);
    // More than lorica.trainer.stop-grace, for a trainer saves its last step first.
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(300);
    // A process that was killed a moment ago may still hold its ports.
    private static final Duration PORT_PATIENCE = Duration.ofSeconds(2);
    private static final int LOG_TAIL = 25;

    private final SuiteSettings settings;
    private final MemberCommand command;
    private final Readiness readiness = new Readiness();

    /// The suite with these settings, running or not.
    public Suite(SuiteSettings settings) {
        this(settings, MemberCommand.starting(settings));
    }

    /// A suite whose members start with these commands.
    Suite(SuiteSettings settings, MemberCommand command) {
        this.settings = settings;
        this.command = command;
    }

    /// How the suite runs.
    public SuiteSettings settings() {
        return settings;
    }

    /// Starts what does not run and waits until all of it is ready.
    ///
    /// @param progress told of each member that becomes ready
    /// @throws CliException when a member cannot start; what was started is stopped again
    public void up(Consumer<Member> progress) {
        List<Member> missing =
                members().stream().filter(member -> pid(member).isEmpty()).toList();
        missing.forEach(this::requireFreePorts);
        List<Member> started = new ArrayList<>();
        try {
            for (Member member : missing) {
                startOnce(member, started);
                if (member == Member.PLATFORM) {
                    awaitReadyOnce(member, started);
                    progress.accept(member);
                }
            }
            for (Member member : members()) {
                if (member != Member.PLATFORM) {
                    awaitReadyOnce(member, started);
                    progress.accept(member);
                }
            }
        } catch (CliException e) {
            started.reversed().forEach(this::stop);
            throw e;
        }
    }

    private void startOnce(Member member, List<Member> started) {
        restarts(member).clear();
        startIfDown(member);
        started.add(member);
    }

    // One that was still ending when it was counted among those that run is started as the others were.
    private void awaitReadyOnce(Member member, List<Member> started) {
        if (!started.contains(member) && !becomesReady(member)) {
            startOnce(member, started);
        }
        awaitReady(member);
    }

    /// Stops everything, the last started first.
    public void down() {
        members().reversed().forEach(this::stop);
    }

    /// Starts one member unless it runs; [#awaitReady] tells when it is there. A supervisor and a user who both find it
    /// down start it once.
    ///
    /// @return whether this call started it
    public boolean startIfDown(Member member) {
        try {
            Files.createDirectories(logs());
            Path lock = logs().resolve(member.label() + ".lock");
            try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    FileLock _ = channel.lock()) {
                if (pid(member).isPresent()) {
                    return false;
                }
                start(member);
                return true;
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the " + member.label() + " process cannot be started", e);
        }
    }

    private void start(Member member) {
        try {
            if (Files.exists(log(member))) {
                Files.move(log(member), previousLog(member), StandardCopyOption.REPLACE_EXISTING);
            }
            ProcessBuilder builder = new ProcessBuilder(command.of(member))
                    .directory(settings.home().toFile())
                    .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.to(log(member).toFile()));
            builder.environment().putAll(command.environment(member));
            Process process = builder.start();
            Files.writeString(pidFile(member), Long.toString(process.pid()));
        } catch (IOException e) {
            throw new UncheckedIOException("the " + member.label() + " process cannot be started", e);
        }
    }

    /// Waits until a member is ready.
    ///
    /// @throws CliException with the end of its log when it ends instead, or takes too long
    public void awaitReady(Member member) {
        if (!becomesReady(member)) {
            throw new CliException("The " + member.label() + " ended while it started:\n" + logTail(member));
        }
    }

    // False where its process ends instead.
    private boolean becomesReady(Member member) {
        long deadline = System.nanoTime() + START_PATIENCE.toNanos();
        while (!ready(member)) {
            if (pid(member).isEmpty()) {
                return false;
            }
            if (System.nanoTime() > deadline) {
                throw new CliException("The " + member.label() + " is not ready after "
                        + START_PATIENCE.toMinutes() + " minutes: " + readiness.problems(settings.healthAddress(member))
                        + "\nIts log ends with:\n" + logTail(member));
            }
            pause();
        }
        return true;
    }

    /// Whether a member is ready to work.
    public boolean ready(Member member) {
        if (member == Member.PLATFORM) {
            return logTail(member).lines().anyMatch(line -> line.startsWith("READY "))
                    && pid(member).isPresent();
        }
        return readiness.ready(settings.healthAddress(member));
    }

    /// Ends a member at once, as a crash would.
    public void kill(Member member) {
        pid(member).flatMap(ProcessHandle::of).ifPresent(process -> {
            process.destroyForcibly();
            process.onExit().join();
        });
    }

    /// Asks a member to end, and makes it when its time for an orderly end is over.
    public void stop(Member member) {
        pid(member).flatMap(ProcessHandle::of).ifPresent(process -> {
            process.destroy();
            try {
                process.onExit().get(STOP_PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                process.destroyForcibly();
                process.onExit().join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (ExecutionException e) {
                throw new IllegalStateException("waiting for the end of a process failed", e);
            }
        });
        try {
            Files.deleteIfExists(pidFile(member));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The members that this suite starts itself.
    public List<Member> members() {
        return settings.embedded() ? Arrays.asList(Member.values()) : Member.services();
    }

    /// The process of a member, where it runs.
    public Optional<Long> pid(Member member) {
        return pid(pidFile(member));
    }

    /// The process whose id a file holds, where it runs and is one of this suite.
    Optional<Long> pid(Path file) {
        try {
            if (!Files.exists(file)) {
                return Optional.empty();
            }
            // A machine that went down while the file was written leaves it empty.
            return Optional.of(Files.readString(file).strip())
                    .filter(text -> text.matches("\\d{1,18}"))
                    .flatMap(text -> ProcessHandle.of(Long.parseLong(text)))
                    .filter(ProcessState::runs)
                    .filter(this::isOurs)
                    .map(ProcessHandle::pid);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    // After a restart of the machine another program may have the process id; ours name the source tree.
    private boolean isOurs(ProcessHandle process) {
        return process.info()
                .commandLine()
                .map(line -> line.contains(settings.root().toString()))
                .orElse(true);
    }

    /// Whether a member answers that it is stuck, so that only another process of it can go on. One that does not
    /// answer may just be busy.
    boolean stuck(Member member) {
        return member != Member.PLATFORM && readiness.stuck(settings.healthAddress(member));
    }

    /// What keeps a member from being ready, in its own words.
    String problems(Member member) {
        return readiness.problems(settings.healthAddress(member));
    }

    /// The restarts of a member since it was started by a user.
    Restarts restarts(Member member) {
        return new Restarts(logs().resolve(member.label() + ".restarts"));
    }

    /// Where logs and process ids are.
    Path logs() {
        return settings.home().resolve("logs");
    }

    /// Where a member writes its log.
    public Path log(Member member) {
        return logs().resolve(member.label() + ".log");
    }

    /// Where the log of a member's process before the present one is.
    Path previousLog(Member member) {
        return logs().resolve(member.label() + ".previous.log");
    }

    private Path pidFile(Member member) {
        return logs().resolve(member.label() + ".pid");
    }

    private String logTail(Member member) {
        try {
            List<String> lines = Files.exists(log(member)) ? Files.readAllLines(log(member)) : List.of();
            return String.join("\n", lines.subList(Math.max(0, lines.size() - LOG_TAIL), lines.size()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void requireFreePorts(Member member) {
        requireFree(settings.port(member), member.label(), "LORICA_" + member.name() + "_PORT");
        if (member == Member.PLATFORM) {
            requireFree(settings.kafkaPort(), "embedded broker", "LORICA_KAFKA_PORT");
            requireFree(settings.controllerPort(), "embedded broker's controller", "LORICA_CONTROLLER_PORT");
        }
    }

    private static void requireFree(int port, String what, String variable) {
        long deadline = System.nanoTime() + PORT_PATIENCE.toNanos();
        while (!free(port)) {
            if (System.nanoTime() > deadline) {
                throw new CliException("The address 127.0.0.1:" + port + " for the " + what
                        + " is taken by another program. Stop that program, or set " + variable
                        + " to another port.");
            }
            pause();
        }
    }

    private static boolean free(int port) {
        try (ServerSocket probe = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return probe.isBound();
        } catch (IOException e) {
            return false;
        }
    }

    private static void pause() {
        try {
            Thread.sleep(200);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CliException("interrupted", e);
        }
    }

    /// Stops everything.
    @Override
    public void close() {
        down();
    }
}

package io.lorica.cli;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
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
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(60);
    private static final int LOG_TAIL = 25;

    private final SuiteSettings settings;
    private final MemberCommand command;
    private final Readiness readiness = new Readiness();

    /// The suite with these settings, running or not.
    public Suite(SuiteSettings settings) {
        this.settings = settings;
        this.command = new MemberCommand(settings);
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
        try {
            missing.forEach(this::requireFreePorts);
            for (Member member : missing) {
                start(member);
                if (member == Member.PLATFORM) {
                    awaitReady(member);
                    progress.accept(member);
                }
            }
            for (Member member : members()) {
                if (member != Member.PLATFORM) {
                    awaitReady(member);
                    progress.accept(member);
                }
            }
        } catch (CliException e) {
            missing.reversed().forEach(this::stop);
            throw e;
        }
    }

    /// Stops everything, the last started first.
    public void down() {
        members().reversed().forEach(this::stop);
    }

    /// Starts one member; [#awaitReady] tells when it is there.
    public void start(Member member) {
        try {
            Files.createDirectories(log(member).getParent());
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
        long deadline = System.nanoTime() + START_PATIENCE.toNanos();
        while (!ready(member)) {
            if (pid(member).isEmpty()) {
                throw new CliException("The " + member.label() + " ended while it started:\n" + logTail(member));
            }
            if (System.nanoTime() > deadline) {
                throw new CliException("The " + member.label() + " is not ready after "
                        + START_PATIENCE.toMinutes() + " minutes: " + readiness.problems(settings.address(member))
                        + "\nIts log ends with:\n" + logTail(member));
            }
            pause();
        }
    }

    /// Whether a member is ready to work.
    public boolean ready(Member member) {
        if (member == Member.PLATFORM) {
            return logTail(member).lines().anyMatch(line -> line.startsWith("READY "))
                    && pid(member).isPresent();
        }
        return readiness.ready(settings.address(member));
    }

    /// Ends a member at once, as a crash would.
    public void kill(Member member) {
        pid(member).flatMap(ProcessHandle::of).ifPresent(process -> {
            process.destroyForcibly();
            process.onExit().join();
        });
    }

    /// Asks a member to end, and makes it after a minute.
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
        try {
            if (!Files.exists(pidFile(member))) {
                return Optional.empty();
            }
            // A machine that went down while the file was written leaves it empty.
            return Optional.of(Files.readString(pidFile(member)).strip())
                    .filter(text -> text.matches("\\d{1,18}"))
                    .flatMap(text -> ProcessHandle.of(Long.parseLong(text)))
                    .filter(ProcessHandle::isAlive)
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

    /// Where a member writes its log.
    public Path log(Member member) {
        return settings.home().resolve("logs").resolve(member.label() + ".log");
    }

    private Path pidFile(Member member) {
        return settings.home().resolve("logs").resolve(member.label() + ".pid");
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
        try (ServerSocket probe = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            probe.setReuseAddress(true);
        } catch (IOException e) {
            throw new CliException(
                    "The address 127.0.0.1:" + port + " for the " + what
                            + " is taken by another program. Stop that program, or set " + variable
                            + " to another port.",
                    e);
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

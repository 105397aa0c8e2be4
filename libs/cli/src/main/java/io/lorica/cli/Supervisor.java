package io.lorica.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// Watches the members and starts those again that end, or that say of themselves that they are stuck (`/q/health/live`
/// is DOWN three times in a row). Each member has a thread of its own, so that one that is slow to end holds up no
/// other.
final class Supervisor {

    private static final Duration LOOK = Duration.ofMillis(500);
    private static final Duration QUESTION = Duration.ofSeconds(10);
    private static final int STUCK_ANSWERS = 3;

    private final Suite suite;
    private final PrintStream log;
    private final Duration question;

    Supervisor(Suite suite, PrintStream log) {
        this(suite, log, QUESTION);
    }

    /// @param question time between two questions whether a member is alive
    Supervisor(Suite suite, PrintStream log, Duration question) {
        this.suite = suite;
        this.log = log;
        this.question = question;
    }

    /// Watches until the process ends. Returns at once where another supervisor of this home works.
    void run() throws IOException, InterruptedException {
        Path lock = suite.logs().resolve("supervisor.lock");
        Files.createDirectories(lock.getParent());
        try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock only = channel.tryLock()) {
            if (only == null) {
                return;
            }
            List<Thread> watches = new ArrayList<>();
            for (Member member : suite.members()) {
                watches.add(Thread.ofPlatform().name("watch-" + member.label()).start(() -> watch(member)));
            }
            try {
                for (Thread watch : watches) {
                    watch.join();
                }
            } finally {
                watches.forEach(Thread::interrupt);
            }
        }
    }

    private void watch(Member member) {
        try {
            int stuck = 0;
            Instant asked = Instant.now();
            while (true) {
                Thread.sleep(LOOK);
                if (suite.pid(member).isEmpty()) {
                    restart(member, "has ended");
                    stuck = 0;
                } else if (Duration.between(asked, Instant.now()).compareTo(question) >= 0) {
                    asked = Instant.now();
                    stuck = suite.stuck(member) ? stuck + 1 : 0;
                    if (stuck == STUCK_ANSWERS) {
                        say(member, "is stuck and is stopped: " + suite.problems(member));
                        suite.stop(member);
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void restart(Member member, String why) throws InterruptedException {
        Restarts.Standing standing = suite.restarts(member).ended(Instant.now());
        Duration pause = Duration.between(Instant.now(), standing.next());
        say(
                member,
                why + ", restart " + standing.count() + " in " + Math.max(0, pause.toMillis()) + " ms; its log is "
                        + suite.previousLog(member).getFileName());
        Thread.sleep(pause.isNegative() ? Duration.ZERO : pause);
        try {
            if (suite.startIfDown(member)) {
                say(member, "started again");
            }
        } catch (CliException e) {
            say(member, "cannot be started: " + e.getMessage());
        }
    }

    private void say(Member member, String what) {
        log.println(Instant.now() + " " + member.label() + " " + what);
    }
}

package io.lorica.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// The state of a process as the system tells it.
final class ProcessState {

    private ProcessState() {}

    /// Tells a process that works from one that has ended and that nobody has asked for its exit status yet (a zombie),
    /// which [ProcessHandle#isAlive] takes for alive.
    static boolean runs(ProcessHandle process) {
        return process.isAlive() && !ended(Path.of("/proc/" + process.pid() + "/stat"));
    }

    // pid (name) state …, where the name may hold spaces and brackets.
    static boolean ended(Path stat) {
        try {
            String text = Files.exists(stat) ? Files.readString(stat) : "";
            int name = text.lastIndexOf(')');
            String state = name < 0 ? "" : text.substring(name + 1).strip();
            return state.startsWith("Z") || state.startsWith("X");
        } catch (IOException e) {
            // It ended between the two questions.
            return true;
        }
    }
}

package io.lorica.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;

/// Shows a log, and on request what is added to it.
///
/// @param log the file
/// @param out where it is shown
record LogFollower(Path log, PrintStream out) {

    private static final long POLL_MILLIS = 300;

    void show(boolean follow) throws IOException, InterruptedException {
        try (InputStream content = Files.newInputStream(log)) {
            content.transferTo(out);
            while (follow) {
                Thread.sleep(POLL_MILLIS);
                content.transferTo(out);
            }
        }
    }
}

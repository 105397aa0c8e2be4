package io.lorica.testkit;

import java.nio.file.Files;
import java.nio.file.Path;

/// The source tree that the tests run in.
public final class Checkout {

    private Checkout() {}

    /// The top folder of the tree: the one that holds the `lorica` script.
    public static Path root() {
        Path folder = Path.of("").toAbsolutePath();
        while (folder != null && !Files.isRegularFile(folder.resolve("lorica"))) {
            folder = folder.getParent();
        }
        if (folder == null) {
            throw new IllegalStateException("run the tests inside a checkout of Lorica");
        }
        return folder;
    }
}

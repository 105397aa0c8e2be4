package io.lorica.storage;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/// The regular files below a folder while others write and remove some: what goes away during the walk is left out,
/// where [Files#walk(Path, java.nio.file.FileVisitOption...)] would fail.
final class RegularFiles extends SimpleFileVisitor<Path> {

    private final Map<Path, BasicFileAttributes> found = new HashMap<>();

    private RegularFiles() {}

    /// Every regular file below the folder with what is known of it.
    static Map<Path, BasicFileAttributes> below(Path folder) throws IOException {
        RegularFiles files = new RegularFiles();
        Files.walkFileTree(folder, files);
        return files.found;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
        if (attributes.isRegularFile()) {
            found.put(file, attributes);
        }
        return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
        return goOn(failure);
    }

    @Override
    public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException failure) throws IOException {
        return failure == null ? FileVisitResult.CONTINUE : goOn(failure);
    }

    private static FileVisitResult goOn(IOException failure) throws IOException {
        if (failure instanceof NoSuchFileException) {
            return FileVisitResult.CONTINUE;
        }
        throw failure;
    }
}

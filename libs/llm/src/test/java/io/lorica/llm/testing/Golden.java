package io.lorica.llm.testing;

import java.io.IOException;
import java.net.URI;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.ObjectMapper;

/// The files that `tools/golden/make_golden.py` made.
public final class Golden {

    private static final ObjectMapper JSON = new ObjectMapper();

    private Golden() {}

    /// The directory of that name below the golden files.
    public static Path directory(String name) {
        return resource("/golden/" + name);
    }

    private static Path resource(String path) {
        URL resource = Golden.class.getResource(path);
        if (resource == null) {
            throw new IllegalStateException("no golden files at " + path);
        }
        return Path.of(URI.create(resource.toString()));
    }

    /// A file or directory of that name, made by `tools/golden/make_gguf_golden.py`.
    public static Path gguf(String name) {
        return resource("/gguf/" + name);
    }

    /// Every name: models, and adapters beyond plain LoRA.
    public static List<String> names() throws IOException {
        try (Stream<Path> directories = Files.list(directory("."))) {
            return directories
                    .filter(Files::isDirectory)
                    .map(directory -> String.valueOf(directory.getFileName()))
                    .filter(name -> !name.startsWith("pissa"))
                    .sorted()
                    .toList();
        }
    }

    /// The adapters beyond plain LoRA.
    public static List<String> adapters() throws IOException {
        return names().stream().filter(name -> name.startsWith("peft-")).toList();
    }

    /// The adapters that start as a part of the base's weights.
    public static List<String> principalStarts() {
        return List.of("pissa", "pissa-patterns", "pissa-rslora");
    }

    /// The names that are models.
    public static List<String> models() throws IOException {
        return names().stream().filter(name -> !name.startsWith("peft-")).toList();
    }

    /// The model that an adapter of that name belongs to.
    public static String baseOf(String adapter) throws IOException {
        return JSON.readTree(Files.readString(directory(adapter).resolve("golden.json")))
                .path("base")
                .asText(adapter);
    }
}

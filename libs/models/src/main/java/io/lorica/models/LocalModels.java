package io.lorica.models;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.id.BaseModelId;
import io.lorica.gguf.GgufFile;
import io.lorica.gguf.GgufLayout;
import io.lorica.gguf.GgufNames;

/// Base models on this machine's disk: a directory in Hugging Face's layout, or a GGUF file.
final class LocalModels {

    private LocalModels() {}

    /// The model at a path that a user has given: the directory, or the GGUF file that it is or holds.
    static Path located(BaseModelId model, Path path) {
        if (Files.isDirectory(path)) {
            return form(model, path, 1).in(path);
        }
        if (!Files.isRegularFile(path) || !GgufNames.isGguf(path.toString())) {
            throw ProductException.forParameter(
                    ErrorCode.MODEL_NOT_FOUND,
                    "model",
                    "There is no directory " + path.toAbsolutePath()
                            + ", and no GGUF file. Give a directory that holds a model, a .gguf file, an s3:// prefix,"
                            + " or a hub repository such as org/name.");
        }
        GgufNames.requireWhole(path.toString());
        return path;
    }

    /// The model in a directory that was fetched, which may have folders.
    static Path fetched(BaseModelId model, Path directory) {
        return form(model, directory, Integer.MAX_VALUE).in(directory);
    }

    /// Whether a path is the directory of a LoRA adapter without a model beside it.
    static boolean adapterAlone(Path path) {
        return PeftFolder.at(path).isPresent()
                && names(path, 1).stream().noneMatch(name -> ModelFiles.weights(name) || GgufNames.isGguf(name));
    }

    /// What a model is.
    ///
    /// @param place its directory or file
    static BaseModelProfile profile(BaseModelId model, Path place) {
        if (Files.isDirectory(place)) {
            return ProfileReader.read(model, name -> content(place.resolve(name)));
        }
        try (GgufFile file = GgufFile.open(place)) {
            return ProfileReader.read(model, name -> GgufLayout.read(file, name));
        }
    }

    private static ModelForm form(BaseModelId model, Path directory, int depth) {
        return ModelForm.of(model, names(directory, depth), name -> content(directory.resolve(name)));
    }

    private static Optional<byte[]> content(Path file) {
        try {
            return Files.isRegularFile(file) ? Optional.of(Files.readAllBytes(file)) : Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> names(Path directory, int depth) {
        try (Stream<Path> content = Files.find(directory, depth, (_, attributes) -> attributes.isRegularFile())) {
            return content.map(file -> directory.relativize(file).toString()).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

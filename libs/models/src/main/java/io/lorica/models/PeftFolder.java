package io.lorica.models;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Optional;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.id.BaseModelId;
import io.lorica.layout.SmallFiles;

/// A folder with a LoRA adapter in PEFT's layout, which is no model by itself.
///
/// @param base the model that it was trained on, as its `adapter_config.json` names it; empty where it names none
public record PeftFolder(String base) {

    private static final String CONFIG = "adapter_config.json";

    /// The adapter in a directory; empty where there is none.
    public static Optional<PeftFolder> at(Path directory) {
        return Files.isRegularFile(directory.resolve(CONFIG))
                ? Optional.of(read(name -> content(directory.resolve(name))))
                : Optional.empty();
    }

    /// The adapter among the files at a place; empty where there is none.
    static Optional<PeftFolder> among(Collection<String> names, SmallFiles files) {
        return names.contains(CONFIG) ? Optional.of(read(files)) : Optional.empty();
    }

    /// What is said when such a folder is named as a model.
    ProductException noModel(BaseModelId model) {
        return refused("'" + model + "' is a LoRA adapter for "
                + (base.isEmpty()
                        ? "a base model that its " + CONFIG + " does not name"
                        : "the base model '" + base + "'")
                + " and no model by itself. Name the base as model"
                + (base.isEmpty() ? "." : ": " + base + ".")
                + " A job can train on an adapter that is in a directory of the trainer's machine.");
    }

    /// What is said when a model lies in the same folder.
    ProductException besideModel(BaseModelId model) {
        return refused("'" + model + "' holds a model and a LoRA adapter (" + CONFIG
                + ") in one folder, so it is not clear which of them is meant. Move the files adapter_* to a folder of"
                + " their own, or merge the adapter into the model and delete them.");
    }

    private static PeftFolder read(SmallFiles files) {
        return new PeftFolder(
                files.tree(CONFIG).path("base_model_name_or_path").asText("").strip());
    }

    private static Optional<byte[]> content(Path file) {
        try {
            return Files.isRegularFile(file) ? Optional.of(Files.readAllBytes(file)) : Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ProductException refused(String sentence) {
        return ProductException.forParameter(ErrorCode.UNSUPPORTED_MODEL, "model", sentence);
    }
}

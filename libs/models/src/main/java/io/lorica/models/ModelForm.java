package io.lorica.models;

import java.nio.file.Path;
import java.util.Collection;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.id.BaseModelId;
import io.lorica.gguf.GgufNames;
import io.lorica.layout.SmallFiles;

/// What of the files at a place is the model.
sealed interface ModelForm {

    /// The files of Hugging Face's layout, weights as safetensors.
    record Layout() implements ModelForm {}

    /// One GGUF file.
    record Gguf(String file) implements ModelForm {}

    /// The form of a model whose place is named. Safetensors go before GGUF, which repositories often have
    /// beside them in fewer bits.
    ///
    /// @param files where small files are read from
    /// @throws ProductException with `UNSUPPORTED_MODEL` when the weights are missing, could run code, are in
    ///     parts, or when it is not clear which are meant; also when it is a LoRA adapter, or one lies beside it
    static ModelForm of(BaseModelId model, Collection<String> names, SmallFiles files) {
        boolean weights = names.stream().anyMatch(ModelFiles::weights);
        PeftFolder.among(names, files).ifPresent(adapter -> {
            boolean alone = !weights && names.stream().noneMatch(GgufNames::isGguf);
            throw alone ? adapter.noModel(model) : adapter.besideModel(model);
        });
        if (weights) {
            return new Layout();
        }
        return GgufNames.only(model.value(), names).map(Gguf::new).orElseThrow(() -> noWeights(model, names));
    }

    /// The form of a model whose file is named.
    ///
    /// @throws ProductException with `MODEL_NOT_FOUND` when there is no such file, with `UNSUPPORTED_MODEL` when
    ///     it is one of several parts
    static ModelForm named(BaseModelId model, String file, Collection<String> names) {
        if (!names.contains(file)) {
            throw ProductException.forParameter(
                    ErrorCode.MODEL_NOT_FOUND,
                    "model",
                    "There is no file " + file + " for the model '" + model + "'. " + others(names));
        }
        GgufNames.requireWhole(file);
        return new Gguf(file);
    }

    /// Whether the model needs a file.
    default boolean needs(String name) {
        return switch (this) {
            case Layout _ -> ModelFiles.needed(name);
            case Gguf gguf -> gguf.file().equals(name);
        };
    }

    /// Where the model is in the directory that holds its files.
    default Path in(Path directory) {
        return switch (this) {
            case Layout _ -> directory;
            case Gguf gguf -> directory.resolve(gguf.file());
        };
    }

    private static String others(Collection<String> names) {
        String found = String.join(
                ", ", names.stream().filter(GgufNames::isGguf).sorted().toList());
        return found.isEmpty() ? "There is no GGUF file at all." : "The GGUF files are: " + found + ".";
    }

    private static ProductException noWeights(BaseModelId model, Collection<String> names) {
        boolean pickled = names.stream().anyMatch(name -> name.endsWith(".bin"));
        return ProductException.forParameter(
                ErrorCode.UNSUPPORTED_MODEL,
                "model",
                "'" + model + "' has no .safetensors or .gguf weights"
                        + (pickled ? ", only pickled ones, which can run code and are not loaded." : ".")
                        + " Choose a model that is published as safetensors or GGUF.");
    }
}

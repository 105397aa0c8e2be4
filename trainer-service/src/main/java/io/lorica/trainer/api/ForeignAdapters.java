package io.lorica.trainer.api;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.id.BaseModelId;
import io.lorica.contracts.id.ModelName;
import io.lorica.contracts.job.ParentAdapter;
import io.lorica.llm.lora.AdapterFiles;
import io.lorica.llm.model.ModelConfigReader;
import io.lorica.models.BaseModels;
import io.lorica.storage.Digests;

/// Finds a PEFT adapter from elsewhere that a job is to train on: a directory with `adapter_config.json` and
/// `adapter_model.safetensors`.
final class ForeignAdapters {

    /// The hyper-parameter that names the base model of such an adapter.
    static final String BASE = "base_model";

    private static final long LONGEST_CONFIG = 1L << 20;

    private final BaseModels models;

    ForeignAdapters(BaseModels models) {
        this.models = models;
    }

    /// The adapter of that name; empty where the name is that of a base model.
    ///
    /// @param permission refuses models that the caller may not name
    /// @throws ProductException when it cannot be trained on, in words that say what to do
    Optional<TrainedOn> find(String model, Hyperparameters asked, Consumer<BaseModelId> permission) {
        return directory(model).map(directory -> {
            try {
                return read(model, directory, asked, permission);
            } catch (ProductException e) {
                throw ProductException.forParameter(
                        e.code(), e.parameter() == null ? "model" : e.parameter(), e.detail());
            }
        });
    }

    /// Refuses the name of a base model where the model is no adapter from elsewhere.
    static void refuseBase(String model, Hyperparameters asked) {
        if (asked.given(BASE)) {
            throw ProductException.forParameter(
                    ErrorCode.INVALID_REQUEST,
                    asked.path(BASE),
                    "base_model names the base of a PEFT adapter, and '" + model
                            + "' is not a directory with one. Leave it out.");
        }
    }

    private Optional<Path> directory(String model) {
        return BaseModelId.matches(model) && ModelName.parse(model) instanceof ModelName.Base base
                ? models.adapter(base.model())
                : Optional.empty();
    }

    private TrainedOn read(String model, Path directory, Hyperparameters asked, Consumer<BaseModelId> permission) {
        if (asked.flag("continue", false)) {
            throw ProductException.forParameter(
                    ErrorCode.INVALID_REQUEST,
                    asked.path("continue"),
                    "continue lets a run of Lorica's go on, and '" + model
                            + "' has no optimizer state to go on with. Leave it out to begin a new run with its"
                            + " weights.");
        }
        byte[] config = config(model, directory);
        BaseModelId base = base(model, AdapterFiles.baseModel(config), asked, permission);
        Path weights = weights(model, directory);
        AdapterFiles.requireFit(directory, ModelConfigReader.read(profiled(base, asked)));
        try {
            ParentAdapter parent = new ParentAdapter(model, null, 0, Digests.sha256(weights), false);
            return new TrainedOn(parent, base, AdapterFiles.spec(config), null);
        } catch (IOException e) {
            throw unreadable(model, AdapterFiles.WEIGHTS);
        }
    }

    private JsonNode profiled(BaseModelId base, Hyperparameters asked) {
        try {
            return models.profile(base).config();
        } catch (ProductException e) {
            throw ofBase(base.value(), asked, e);
        }
    }

    private static BaseModelId base(
            String model, String named, Hyperparameters asked, Consumer<BaseModelId> permission) {
        String name = asked.text(BASE).orElse(named);
        if (name.isBlank()) {
            throw ProductException.forParameter(
                    ErrorCode.INVALID_REQUEST,
                    asked.path(BASE),
                    "The adapter_config.json of '" + model + "' names no base model. Give base_model.");
        }
        if (!BaseModelId.matches(name) || !(ModelName.parse(name) instanceof ModelName.Base base)) {
            throw ProductException.forParameter(
                    ErrorCode.INVALID_REQUEST,
                    asked.path(BASE),
                    "'" + name + "' is not a base model. Give the one that '" + model
                            + "' was trained on as base_model: a directory, an s3:// prefix or a hub repository.");
        }
        try {
            permission.accept(base.model());
        } catch (ProductException e) {
            throw ProductException.forParameter(
                    e.code(),
                    asked.path(BASE),
                    asked.given(BASE)
                            ? e.detail()
                            : "The base model that the adapter_config.json of '" + model
                                    + "' names cannot be used here. Give base_model.");
        }
        return base.model();
    }

    private static ProductException ofBase(String name, Hyperparameters asked, ProductException failure) {
        String advice = asked.given(BASE)
                ? ""
                : " The adapter_config.json names '" + name + "' as its base; give base_model where that is elsewhere.";
        return ProductException.forParameter(failure.code(), asked.path(BASE), failure.detail() + advice);
    }

    private static byte[] config(String model, Path directory) {
        Path file = directory.resolve(AdapterFiles.CONFIG);
        try {
            if (Files.size(file) > LONGEST_CONFIG) {
                throw refused("The adapter_config.json of '" + model + "' is longer than 1 MiB.");
            }
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw unreadable(model, AdapterFiles.CONFIG);
        }
    }

    private static Path weights(String model, Path directory) {
        Path file = directory.resolve(AdapterFiles.WEIGHTS);
        if (!Files.isRegularFile(file)) {
            throw refused("'" + model + "' has no adapter_model.safetensors. Save the adapter as safetensors; pickled"
                    + " weights can run code and are not loaded.");
        }
        if (!Files.isReadable(file)) {
            throw unreadable(model, AdapterFiles.WEIGHTS);
        }
        return file;
    }

    private static ProductException unreadable(String model, String file) {
        return refused("The " + file + " of '" + model + "' cannot be read. Let the trainer's user read it.");
    }

    private static ProductException refused(String sentence) {
        return ProductException.forParameter(ErrorCode.UNSUPPORTED_MODEL, "model", sentence);
    }
}

package io.lorica.trainer.api;

import java.io.IOException;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorica.contracts.dataset.FilePurpose;
import io.lorica.contracts.dataset.FileRecord;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.id.BaseModelId;
import io.lorica.contracts.id.FileId;
import io.lorica.contracts.id.Owner;
import io.lorica.contracts.job.GgufFormat;
import io.lorica.contracts.job.JobSpec;
import io.lorica.contracts.job.LoraSpec;
import io.lorica.contracts.job.TrainingPlan;
import io.lorica.contracts.template.PromptTemplate;
import io.lorica.kit.event.EventCodec;
import io.lorica.llm.model.ModelConfigReader;
import io.lorica.models.BaseModelProfile;
import io.lorica.models.BaseModels;
import io.lorica.storage.ArtifactLayout;
import io.lorica.storage.ObjectStore;
import jakarta.inject.Singleton;
import org.jspecify.annotations.Nullable;

/// Turns a request into a job's specification, or says which parameter is wrong and what to do about it.
/// Defaults are those of docs/api.md.
@Singleton
public final class JobRequestReader {

    private static final String CONTINUE = "continue";
    private static final String NEWER_PLACE = "method.supervised.hyperparameters";
    private static final int MAX_METADATA = 16;
    private static final int MAX_METADATA_KEY = 64;
    private static final int MAX_METADATA_VALUE = 512;
    private static final int MAX_SUFFIX = 64;

    private final BaseModels models;
    private final ObjectStore store;
    private final ParentReader parents;
    private final ForeignAdapters foreign;

    JobRequestReader(BaseModels models, ObjectStore store, ParentReader parents) {
        this.models = models;
        this.store = store;
        this.parents = parents;
        this.foreign = new ForeignAdapters(models);
    }

    /// Reads a request.
    ///
    /// @param owner whose job it will be, and whose files it may name
    /// @param permission refuses models that the caller may not name
    JobSpec read(JobRequest request, Owner owner, Consumer<BaseModelId> permission) {
        checkMethod(request);
        Map<String, String> metadata = metadata(request.metadata());
        String suffix = checkSuffix(request.suffix());
        FileRecord training = file("training_file", required("training_file", request.trainingFile()), owner);
        @Nullable
        FileId validation = request.validationFile() == null
                ? null
                : file("validation_file", request.validationFile(), owner).id();
        String model = required("model", request.model());
        Hyperparameters asked = hyperparameters(request);
        Optional<TrainedOn> parent = parent(model, asked, training, owner, permission);
        BaseModelId base = parent.map(TrainedOn::base).orElseGet(() -> model(model));
        BaseModelProfile profile = profile(base);
        Hyperparameters values =
                parent.map(trained -> trained.settle(asked, validation != null)).orElse(asked);
        LoraSpec lora = new AdapterReader(values).read();
        TrainingPlan plan = new PlanReader(values, profile.maxPositions(), validation != null).read();
        PromptTemplate template = values.choice(
                "template", PromptTemplate.DEEPSEEK_R1, PromptTemplate.values(), PromptTemplate::wireName);
        boolean exportMerged = values.flag("export_merged", false);
        Optional<GgufFormat> exportGguf =
                values.optionalChoice("export_gguf", GgufFormat.values(), GgufFormat::wireName);
        values.flag(CONTINUE, false);
        values.text(ForeignAdapters.BASE);
        values.refuseUnknown();
        JobSpec spec = new JobSpec(
                base,
                training.id(),
                validation,
                template,
                profile.terminator(),
                lora,
                plan,
                seed(request.seed(), parent),
                suffix,
                exportMerged,
                exportGguf.orElse(null),
                metadata,
                owner,
                null);
        return parent.map(trained -> trained.checked(spec, asked)).orElse(spec);
    }

    /// The adapter to train on, where the model is one.
    private Optional<TrainedOn> parent(
            String model, Hyperparameters asked, FileRecord training, Owner owner, Consumer<BaseModelId> permission) {
        boolean continued = asked.flag(CONTINUE, false);
        Optional<TrainedOn> parent = parents.find(model, continued, owner);
        if (parent.isEmpty()) {
            Optional<TrainedOn> fromElsewhere = foreign.find(model, asked, permission);
            if (fromElsewhere.isPresent()) {
                return fromElsewhere;
            }
        }
        ForeignAdapters.refuseBase(model, asked);
        if (continued && parent.isEmpty()) {
            throw ProductException.forParameter(
                    ErrorCode.INVALID_REQUEST,
                    asked.path(CONTINUE),
                    "continue lets the run of a fine-tuned model or a checkpoint go on, and '" + model
                            + "' is a base model. Name one as model: ft:…, or ft:…:ckpt-step-<n>.");
        }
        if (continued) {
            parent.ifPresent(trained -> parents.requireSameRows(trained, training));
        }
        return parent;
    }

    /// The hyper-parameters of both places where they may stand, which must not contradict each other.
    private static Hyperparameters hyperparameters(JobRequest request) {
        Map<String, JsonNode> older = request.hyperparameters() == null ? Map.of() : request.hyperparameters();
        JobRequest.Method method = request.method();
        JobRequest.Supervised supervised = method == null ? null : method.supervised();
        Map<String, JsonNode> newer =
                supervised == null || supervised.hyperparameters() == null ? Map.of() : supervised.hyperparameters();
        newer.forEach((name, value) -> {
            JsonNode other = older.get(name);
            if (other != null && !other.equals(value)) {
                throw ProductException.forParameter(
                        ErrorCode.INVALID_REQUEST,
                        NEWER_PLACE + "." + name,
                        "'" + name + "' stands in hyperparameters and in " + NEWER_PLACE
                                + " with different values; give one of them.");
            }
        });
        Map<String, JsonNode> given = new HashMap<>(older);
        given.putAll(newer);
        return new Hyperparameters(supervised != null ? NEWER_PLACE : "hyperparameters", given);
    }

    private static void checkMethod(JobRequest request) {
        JobRequest.Method method = request.method();
        if (method != null && method.type() != null && !method.type().equals("supervised")) {
            throw ProductException.forParameter(
                    ErrorCode.INVALID_REQUEST,
                    "method.type",
                    "The method '" + method.type() + "' is not available; use 'supervised'.");
        }
        if (method != null && (present(method.dpo()) || present(method.reinforcement()))) {
            throw ProductException.forParameter(
                    ErrorCode.INVALID_REQUEST,
                    present(method.dpo()) ? "method.dpo" : "method.reinforcement",
                    "Only the method 'supervised' is available; put its settings into method.supervised.");
        }
        if (request.integrations() != null && !request.integrations().isEmpty()) {
            throw ProductException.forParameter(
                    ErrorCode.INVALID_REQUEST,
                    "integrations",
                    "Integrations are not available; read the job's events or the topic lorica.job-events instead.");
        }
    }

    private static boolean present(@Nullable JsonNode node) {
        return node != null && !node.isNull();
    }

    private static Map<String, String> metadata(@Nullable Map<String, JsonNode> given) {
        Map<String, String> metadata = new LinkedHashMap<>();
        (given == null ? Map.<String, JsonNode>of() : given).forEach((key, value) -> {
            if (key.length() > MAX_METADATA_KEY
                    || !value.isTextual()
                    || value.textValue().length() > MAX_METADATA_VALUE) {
                throw wrongMetadata();
            }
            metadata.put(key, value.textValue());
        });
        if (metadata.size() > MAX_METADATA) {
            throw wrongMetadata();
        }
        return metadata;
    }

    private static ProductException wrongMetadata() {
        return ProductException.forParameter(
                ErrorCode.INVALID_REQUEST,
                "metadata",
                "metadata takes up to 16 pairs of texts: keys of up to 64 and values of up to 512 characters.");
    }

    private static String checkSuffix(@Nullable String suffix) {
        if (suffix == null) {
            return "";
        }
        if (suffix.isEmpty() || suffix.length() > MAX_SUFFIX) {
            throw ProductException.forParameter(
                    ErrorCode.INVALID_REQUEST, "suffix", "suffix must have 1 to 64 characters.");
        }
        return suffix;
    }

    private static int seed(@Nullable JsonNode seed, Optional<TrainedOn> parent) {
        Optional<Integer> settled = parent.flatMap(TrainedOn::seed);
        if (seed == null || seed.isNull()) {
            return settled.orElseGet(() -> ThreadLocalRandom.current().nextInt(Integer.MAX_VALUE));
        }
        if (!seed.isInt() || seed.intValue() < 0) {
            throw ProductException.forParameter(
                    ErrorCode.INVALID_REQUEST, "seed", "seed must be a whole number from 0 to 2147483647.");
        }
        settled.filter(own -> own != seed.intValue()).ifPresent(own -> {
            throw ProductException.forParameter(
                    ErrorCode.INVALID_REQUEST,
                    "seed",
                    "seed is " + seed + ", and the run that goes on has " + own + ". Leave it out.");
        });
        return seed.intValue();
    }

    private static String required(String name, @Nullable String value) {
        if (value == null || value.isBlank()) {
            throw ProductException.forParameter(
                    ErrorCode.INVALID_REQUEST, name, "The parameter '" + name + "' is missing.");
        }
        return value;
    }

    private static BaseModelId model(String text) {
        if (!BaseModelId.matches(text)) {
            throw ProductException.forParameter(
                    ErrorCode.MODEL_NOT_FOUND,
                    "model",
                    "'" + text + "' is not a model: give a directory, an s3:// prefix or a hub repository.");
        }
        return new BaseModelId(text);
    }

    private BaseModelProfile profile(BaseModelId model) {
        try {
            BaseModelProfile profile = models.profile(model);
            // What loading the model would refuse is refused before the job exists.
            ModelConfigReader.read(profile.config());
            return profile;
        } catch (ProductException e) {
            throw ProductException.forParameter(e.code(), "model", e.detail());
        }
    }

    private FileRecord file(String parameter, String text, Owner owner) {
        Optional<FileRecord> found = FileId.matches(text) ? fileRecord(new FileId(text)) : Optional.empty();
        FileRecord entry = found.filter(
                        file -> !file.expired(Instant.now()) && file.owner().equals(owner))
                .orElseThrow(() -> ProductException.forParameter(
                        parameter.equals("training_file")
                                ? ErrorCode.INVALID_TRAINING_FILE
                                : ErrorCode.INVALID_VALIDATION_FILE,
                        parameter,
                        "There is no file '" + text
                                + "'. Upload it with POST /v1/files and use the id of the answer."));
        if (entry.purpose() != FilePurpose.FINE_TUNE) {
            throw ProductException.forParameter(
                    ErrorCode.INVALID_PURPOSE,
                    parameter,
                    "The file " + text + " was uploaded for '" + entry.purpose().wireName()
                            + "'. Upload it again with purpose 'fine-tune'.");
        }
        return entry;
    }

    private Optional<FileRecord> fileRecord(FileId id) {
        try {
            return Optional.of(
                    EventCodec.json().readValue(store.read(ArtifactLayout.fileRecord(id)), FileRecord.class));
        } catch (ProductException e) {
            if (e.code() == ErrorCode.OBJECT_NOT_FOUND) {
                return Optional.empty();
            }
            throw e;
        } catch (IOException e) {
            throw ProductException.of(ErrorCode.INTERNAL_ERROR, "The record of the file " + id + " is damaged.", e);
        }
    }
}

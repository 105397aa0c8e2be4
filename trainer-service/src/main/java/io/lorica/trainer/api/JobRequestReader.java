package io.lorica.trainer.api;

import java.io.IOException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorica.contracts.dataset.FilePurpose;
import io.lorica.contracts.dataset.FileRecord;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.id.BaseModelId;
import io.lorica.contracts.id.FileId;
import io.lorica.contracts.job.JobSpec;
import io.lorica.contracts.job.LearningRateSchedule;
import io.lorica.contracts.job.LoraSpec;
import io.lorica.contracts.job.TrainingPlan;
import io.lorica.contracts.template.PromptTemplate;
import io.lorica.kit.event.EventCodec;
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

    private static final double BASE_LEARNING_RATE = 2e-4;
    private static final int MAX_METADATA = 16;
    private static final int MAX_METADATA_KEY = 64;
    private static final int MAX_METADATA_VALUE = 512;
    private static final int MAX_SUFFIX = 64;

    private final BaseModels models;
    private final ObjectStore store;

    JobRequestReader(BaseModels models, ObjectStore store) {
        this.models = models;
        this.store = store;
    }

    /// Reads a request.
    JobSpec read(JobRequest request) {
        checkMethod(request);
        checkMetadata(request.metadata());
        String suffix = checkSuffix(request.suffix());
        FileId training = file("training_file", required("training_file", request.trainingFile()));
        @Nullable
        FileId validation = request.validationFile() == null ? null : file("validation_file", request.validationFile());
        BaseModelId model = model(required("model", request.model()));
        BaseModelProfile profile = profile(model);
        Hyperparameters values = hyperparameters(request);
        LoraSpec lora = lora(values);
        TrainingPlan plan = plan(values, profile);
        PromptTemplate template = values.choice(
                "template", PromptTemplate.DEEPSEEK_R1, PromptTemplate.values(), PromptTemplate::wireName);
        boolean exportMerged = values.flag("export_merged", false);
        values.refuseUnknown();
        return new JobSpec(
                model,
                training,
                validation,
                template,
                profile.terminator(),
                lora,
                plan,
                seed(request.seed()),
                suffix,
                exportMerged,
                request.metadata() == null ? Map.of() : request.metadata());
    }

    private static LoraSpec lora(Hyperparameters values) {
        int rank = values.integer("lora_rank", 16);
        double alpha = values.number("lora_alpha", 16);
        double dropout = values.number("lora_dropout", 0);
        boolean stabilized = values.flag("use_rslora", false);
        List<String> targets = values.texts("target_modules", LoraSpec.ALL_PROJECTIONS);
        return values.checked(() -> new LoraSpec(rank, alpha, dropout, allLinear(targets), stabilized));
    }

    private static List<String> allLinear(List<String> targets) {
        return targets.equals(List.of("all-linear")) ? LoraSpec.ALL_PROJECTIONS : targets;
    }

    private static TrainingPlan plan(Hyperparameters values, BaseModelProfile profile) {
        int batch = values.integer("batch_size", 2);
        int accumulation = values.integer("gradient_accumulation_steps", 4);
        int epochs = values.integer("n_epochs", 3);
        @Nullable Integer maxSteps = values.optionalInteger("max_steps").orElse(null);
        double multiplier = values.number("learning_rate_multiplier", 1);
        double rate = values.number("learning_rate", BASE_LEARNING_RATE * multiplier);
        LearningRateSchedule schedule = values.choice(
                "lr_scheduler",
                LearningRateSchedule.LINEAR,
                LearningRateSchedule.values(),
                LearningRateSchedule::wireName);
        int warmup = values.integer("warmup_steps", 5);
        double decay = values.number("weight_decay", 0.01);
        double clip = values.number("max_grad_norm", 1);
        int length = values.integer("max_seq_length", Math.min(2048, profile.maxPositions()));
        int checkpointEvery = values.integer("checkpoint_every", 0);
        int logEvery = values.integer("log_every", 10);
        if (length > profile.maxPositions()) {
            throw ProductException.forParameter(
                    ErrorCode.INVALID_REQUEST,
                    values.path("max_seq_length"),
                    "max_seq_length is " + length + "; this model takes at most " + profile.maxPositions() + ".");
        }
        return values.checked(() -> new TrainingPlan(
                batch,
                accumulation,
                epochs,
                maxSteps,
                rate,
                schedule,
                warmup,
                decay,
                clip,
                length,
                checkpointEvery,
                logEvery));
    }

    private static Hyperparameters hyperparameters(JobRequest request) {
        Map<String, JsonNode> given = new HashMap<>();
        if (request.hyperparameters() != null) {
            given.putAll(request.hyperparameters());
        }
        JobRequest.Method method = request.method();
        if (method != null && method.supervised() != null && method.supervised().hyperparameters() != null) {
            given.putAll(method.supervised().hyperparameters());
        }
        boolean older = method == null || method.supervised() == null;
        return new Hyperparameters(older ? "hyperparameters" : "method.supervised.hyperparameters", given);
    }

    private static void checkMethod(JobRequest request) {
        JobRequest.Method method = request.method();
        if (method != null && method.type() != null && !method.type().equals("supervised")) {
            throw ProductException.forParameter(
                    ErrorCode.INVALID_REQUEST,
                    "method.type",
                    "The method '" + method.type() + "' is not available; use 'supervised'.");
        }
        if (request.integrations() != null && !request.integrations().isEmpty()) {
            throw ProductException.forParameter(
                    ErrorCode.INVALID_REQUEST,
                    "integrations",
                    "Integrations are not available; read the job's events or the topic lorica.job-events instead.");
        }
    }

    private static void checkMetadata(@Nullable Map<String, String> metadata) {
        if (metadata == null) {
            return;
        }
        boolean tooLong = metadata.entrySet().stream()
                .anyMatch(entry -> entry.getKey().length() > MAX_METADATA_KEY
                        || entry.getValue().length() > MAX_METADATA_VALUE);
        if (metadata.size() > MAX_METADATA || tooLong) {
            throw ProductException.forParameter(
                    ErrorCode.INVALID_REQUEST,
                    "metadata",
                    "metadata takes up to 16 pairs of keys up to 64 and values up to 512 characters.");
        }
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

    private static int seed(@Nullable Integer seed) {
        if (seed == null) {
            return ThreadLocalRandom.current().nextInt(Integer.MAX_VALUE);
        }
        if (seed < 0) {
            throw ProductException.forParameter(
                    ErrorCode.INVALID_REQUEST, "seed", "seed is " + seed + "; it must be from 0 to 2147483647.");
        }
        return seed;
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
            return models.profile(model);
        } catch (ProductException e) {
            throw ProductException.forParameter(e.code(), "model", e.detail());
        }
    }

    private FileId file(String parameter, String text) {
        Optional<FileRecord> found = FileId.matches(text) ? fileRecord(new FileId(text)) : Optional.empty();
        FileRecord entry = found.filter(file -> !file.expired(Instant.now()))
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
        return entry.id();
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

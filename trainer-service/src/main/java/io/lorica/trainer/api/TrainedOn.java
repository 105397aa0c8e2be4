package io.lorica.trainer.api;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorica.contracts.adapter.AdapterManifest;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.id.BaseModelId;
import io.lorica.contracts.job.JobSpec;
import io.lorica.contracts.job.LoraOptions;
import io.lorica.contracts.job.LoraSpec;
import io.lorica.contracts.job.ParentAdapter;
import io.lorica.contracts.job.StepMetrics;
import io.lorica.kit.event.EventCodec;
import org.jspecify.annotations.Nullable;

/// The adapter that a job is to train on, and what it settles: the shape of the adapter for a new run, and for a run
/// that goes on everything that must not change in its course.
///
/// @param adapter which adapter
/// @param base its base model
/// @param lora its shape
/// @param manifest what it was trained with, null for a PEFT adapter from elsewhere
record TrainedOn(
        ParentAdapter adapter,
        BaseModelId base,
        LoraSpec lora,
        @Nullable AdapterManifest manifest) {

    private static final Set<String> OF_ADAPTER = Set.of(
            "lora_rank",
            "lora_alpha",
            "use_rslora",
            "use_dora",
            "target_modules",
            "exclude_modules",
            "layers_to_transform",
            "rank_pattern",
            "alpha_pattern",
            "bias",
            "modules_to_save",
            "init_lora_weights",
            "loftq_iter");
    private static final Set<String> OF_EVALUATION =
            Set.of("eval_every", "early_stopping_patience", "early_stopping_threshold", "load_best_model_at_end");
    private static final Set<String> FREE = Set.of(
            "n_epochs",
            "max_steps",
            "checkpoint_every",
            "log_every",
            "gradient_checkpointing",
            "export_merged",
            "export_gguf",
            "continue");

    /// The hyper-parameters of a request, with what the adapter settles where the request says nothing.
    ///
    /// @param measured whether there are rows to measure on
    Hyperparameters settle(Hyperparameters asked, boolean measured) {
        Map<String, Object> settled = new LinkedHashMap<>(adapter.continued() ? view(spec()) : view(lora));
        settled.keySet().removeIf(name -> !measured && OF_EVALUATION.contains(name));
        List.of("export_merged", "export_gguf", "continue").forEach(settled::remove);
        if (adapter.continued()) {
            requireLength(asked);
            if (!asked.given("max_steps")) {
                settled.remove("max_steps");
            }
        }
        return asked.over(json(settled));
    }

    /// A specification as the adapter has it, or the error of the parameter that differs from it.
    JobSpec checked(JobSpec spec, Hyperparameters asked) {
        Map<String, Object> wanted = adapter.continued() ? view(spec) : view(spec.lora());
        Map<String, Object> settled = adapter.continued() ? view(spec()) : view(lora);
        settled.keySet().stream()
                .filter(this::fixed)
                .filter(name -> !same(wanted.get(name), settled.get(name)))
                .findFirst()
                .ifPresent(name -> {
                    throw differs(asked, name, wanted.get(name), settled.get(name));
                });
        wanted.keySet().stream()
                .filter(name -> fixed(name) && !settled.containsKey(name))
                .findFirst()
                .ifPresent(name -> {
                    throw differs(asked, name, wanted.get(name), null);
                });
        if (adapter.continued()) {
            requireMoreSteps(spec, asked);
        }
        return withLora(spec).on(adapter);
    }

    /// The seed of a run that goes on.
    Optional<Integer> seed() {
        return adapter.continued() ? Optional.of(spec().seed()) : Optional.empty();
    }

    private boolean fixed(String name) {
        return adapter.continued() ? !FREE.contains(name) && !OF_EVALUATION.contains(name) : OF_ADAPTER.contains(name);
    }

    private ProductException differs(
            Hyperparameters asked, String name, @Nullable Object wanted, @Nullable Object settled) {
        String advice = adapter.continued()
                ? " Leave it out, or leave out continue to begin a new run with the weights."
                : " Leave it out, or name the base model to train a new adapter.";
        return ProductException.forParameter(
                ErrorCode.INVALID_REQUEST,
                asked.path(name),
                "'" + name + "' is " + words(wanted) + "; " + adapter.name() + " was trained with " + words(settled)
                        + "." + advice);
    }

    private static String words(@Nullable Object value) {
        return value == null ? "none" : value.toString();
    }

    private void requireLength(Hyperparameters asked) {
        if (!asked.given("max_steps") && !asked.given("n_epochs")) {
            throw ProductException.forParameter(
                    ErrorCode.INVALID_REQUEST,
                    asked.path("max_steps"),
                    "A run that goes on needs a new length: give max_steps above " + adapter.step()
                            + ", the steps that are done, or n_epochs.");
        }
    }

    private void requireMoreSteps(JobSpec spec, Hyperparameters asked) {
        Integer steps = spec.plan().maxSteps();
        if (steps != null && steps <= adapter.step()) {
            throw tooShort(asked.path("max_steps"), "max_steps is " + steps);
        }
        StepMetrics metrics = manifest == null ? null : manifest.metrics();
        if (steps == null && metrics != null && spec().plan().maxSteps() == null) {
            long stepsPerEpoch = metrics.totalSteps() / spec().plan().epochs();
            if (stepsPerEpoch * spec.plan().epochs() <= adapter.step()) {
                throw tooShort(
                        asked.path("n_epochs"), "n_epochs is " + spec.plan().epochs());
            }
        }
    }

    private ProductException tooShort(String parameter, String given) {
        return ProductException.forParameter(
                ErrorCode.INVALID_REQUEST,
                parameter,
                given + ", and " + adapter.name() + " has done " + adapter.step() + " steps already. Give more.");
    }

    /// What trains only, and is not part of an adapter, may change in a new run: dropout and LoRA+.
    private JobSpec withLora(JobSpec spec) {
        LoraSpec asked = spec.lora();
        LoraOptions has = lora.extras();
        LoraOptions options = new LoraOptions(
                has.dora(),
                has.targetPattern(),
                has.layers(),
                has.rankPattern(),
                has.alphaPattern(),
                asked.extras().rateRatioOfB(),
                has.bias(),
                has.modulesToSave(),
                has.start(),
                has.excludedPattern());
        return spec.with(new LoraSpec(
                lora.rank(),
                lora.alpha(),
                asked.dropout(),
                lora.targetModules(),
                lora.rankStabilized(),
                options.equals(LoraOptions.NONE) ? null : options));
    }

    private JobSpec spec() {
        return Objects.requireNonNull(manifest, "only a run of Lorica's goes on")
                .spec();
    }

    private static Map<String, Object> view(JobSpec spec) {
        return HyperparameterView.all(spec);
    }

    private Map<String, Object> view(LoraSpec shape) {
        Map<String, Object> view = new LinkedHashMap<>(HyperparameterView.adapter(shape));
        if (manifest != null) {
            view.put("template", manifest.spec().template().wireName());
        }
        return view;
    }

    private static Map<String, JsonNode> json(Map<String, Object> values) {
        Map<String, JsonNode> json = new HashMap<>();
        values.forEach((name, value) -> json.put(name, EventCodec.json().valueToTree(value)));
        return json;
    }

    private static boolean same(@Nullable Object one, @Nullable Object other) {
        return (one instanceof List<?> list && other instanceof List<?> others)
                ? Set.copyOf(list).equals(Set.copyOf(others))
                : Objects.equals(one, other);
    }
}

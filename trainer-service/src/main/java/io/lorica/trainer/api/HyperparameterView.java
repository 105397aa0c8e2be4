package io.lorica.trainer.api;

import java.util.LinkedHashMap;
import java.util.Map;

import io.lorica.contracts.job.AdapterStart;
import io.lorica.contracts.job.EvaluationSpec;
import io.lorica.contracts.job.JobSpec;
import io.lorica.contracts.job.LoraOptions;
import io.lorica.contracts.job.LoraSpec;
import io.lorica.contracts.job.ScheduleShape;
import io.lorica.contracts.job.TrainingOptions;
import io.lorica.contracts.job.TrainingPlan;
import org.jspecify.annotations.Nullable;

/// A job's hyper-parameters by the names under which they are asked for: a job that is submitted with them does the
/// same.
final class HyperparameterView {

    private final Map<String, Object> values = new LinkedHashMap<>();

    private HyperparameterView() {}

    /// The three that OpenAI has.
    static Map<String, Object> basic(JobSpec spec) {
        return Map.of(
                "n_epochs", spec.plan().epochs(),
                "batch_size", spec.plan().batchSize(),
                "learning_rate_multiplier", 1);
    }

    /// All of them.
    static Map<String, Object> all(JobSpec spec) {
        HyperparameterView view = new HyperparameterView();
        view.values.putAll(basic(spec));
        view.plan(spec.plan());
        view.options(spec.plan().extras());
        view.evaluation(spec.plan().extras().evaluation());
        view.values.putAll(adapter(spec.lora()));
        view.put("template", spec.template().wireName());
        view.put("export_merged", spec.exportMerged());
        view.put(
                "export_gguf",
                spec.exportGguf() == null ? null : spec.exportGguf().wireName());
        view.put("continue", spec.parent() == null ? null : spec.parent().continued());
        boolean foreign = spec.parent() != null && spec.parent().adapter() == null;
        view.put(ForeignAdapters.BASE, foreign ? spec.model().value() : null);
        return view.values;
    }

    /// Those of the adapter.
    static Map<String, Object> adapter(LoraSpec lora) {
        HyperparameterView view = new HyperparameterView();
        view.shape(lora);
        view.adapterOptions(lora.extras());
        return view.values;
    }

    private void plan(TrainingPlan plan) {
        put("gradient_accumulation_steps", plan.gradientAccumulation());
        put("max_steps", plan.maxSteps());
        put("learning_rate", plan.learningRate());
        put("lr_scheduler", plan.schedule().wireName());
        ScheduleShape shape = plan.extras().scheduleShape();
        if (shape.warmupRatio() == null) {
            put("warmup_steps", plan.warmupSteps());
        }
        put("warmup_ratio", shape.warmupRatio());
        put("lr_num_cycles", shape.cycles());
        put("lr_power", shape.power());
        put("lr_end", shape.endRate());
        put("lr_timescale", shape.timescale());
        put("weight_decay", plan.weightDecay());
        put("max_grad_norm", plan.maxGradientNorm());
        put("max_seq_length", plan.maxSequenceLength());
        put("checkpoint_every", plan.checkpointEvery());
        put("log_every", plan.logEvery());
    }

    private void options(TrainingOptions options) {
        put("optim", options.optimizer().kind().wireName());
        put("adam_beta1", options.optimizer().beta1());
        put("adam_beta2", options.optimizer().beta2());
        put("adam_epsilon", options.optimizer().epsilon());
        put("compute_type", options.precision().compute().wireName());
        put("quantization", options.precision().base().wireName());
        put("double_quantization", options.precision().doubleQuantization());
        put("quantize_embeddings", options.precision().quantizeEmbeddings());
        put("over_length", options.rows().overLength().wireName());
        put("packing", options.rows().packing());
        put("train_on", options.rows().trainOn().wireName());
        put("gradient_checkpointing", options.gradientCheckpointing().wireName());
        put("neftune_noise_alpha", options.neftuneAlpha());
    }

    private void evaluation(EvaluationSpec evaluation) {
        put("eval_every", evaluation.every());
        put("early_stopping_patience", evaluation.patience());
        put("early_stopping_threshold", evaluation.minimumChange());
        put("load_best_model_at_end", evaluation.loadBest());
    }

    private void shape(LoraSpec lora) {
        put("lora_rank", lora.rank());
        put("lora_alpha", lora.alpha());
        put("lora_dropout", lora.dropout());
        put("use_rslora", lora.rankStabilized());
        @Nullable String pattern = lora.extras().targetPattern();
        put("target_modules", pattern == null ? lora.targetModules() : pattern);
    }

    private void adapterOptions(LoraOptions options) {
        put("exclude_modules", options.excludedPattern());
        put("use_dora", options.dora());
        put("loraplus_lr_ratio", options.rateRatioOfB());
        put("bias", options.bias().wireName());
        put("init_lora_weights", start(options.start()));
        boolean loftq = options.start().method() == AdapterStart.Method.LOFTQ;
        put("loftq_iter", loftq ? options.start().iterations() : null);
        putUnlessEmpty("layers_to_transform", options.layers(), options.layers().isEmpty());
        putUnlessEmpty(
                "rank_pattern", options.rankPattern(), options.rankPattern().isEmpty());
        putUnlessEmpty(
                "alpha_pattern", options.alphaPattern(), options.alphaPattern().isEmpty());
        putUnlessEmpty(
                "modules_to_save",
                options.modulesToSave(),
                options.modulesToSave().isEmpty());
    }

    private static Object start(AdapterStart start) {
        return switch (start.method()) {
            case KAIMING -> true;
            case PISSA -> start.iterations() == null ? "pissa" : "pissa_niter_" + start.iterations();
            case GAUSSIAN, LOFTQ -> start.method().wireName();
        };
    }

    private void putUnlessEmpty(String name, Object value, boolean empty) {
        put(name, empty ? null : value);
    }

    private void put(String name, @Nullable Object value) {
        if (value != null) {
            values.put(name, value);
        }
    }
}

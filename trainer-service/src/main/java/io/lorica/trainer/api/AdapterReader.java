package io.lorica.trainer.api;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorica.contracts.job.AdapterStart;
import io.lorica.contracts.job.LoraBias;
import io.lorica.contracts.job.LoraOptions;
import io.lorica.contracts.job.LoraSpec;
import io.lorica.llm.lora.ModulePattern;
import org.jspecify.annotations.Nullable;

/// Reads the shape of the adapter, in the wording of PEFT's `LoraConfig`. Defaults are those of docs/api.md.
///
/// @param values what was given
record AdapterReader(Hyperparameters values) {

    private static final String STARTS = "true, gaussian, pissa, pissa_niter_<n> with n from 1 to 100, or loftq";
    private static final int MAX_PISSA_ROUNDS = 100;
    private static final Pattern FAST_PISSA = Pattern.compile("pissa_niter_(\\d{1,4})");
    private static final Pattern PLAIN_NAME = Pattern.compile("\\w+");

    LoraSpec read() {
        int rank = values.integer("lora_rank", 16);
        double alpha = values.number("lora_alpha", 16);
        double dropout = values.number("lora_dropout", 0);
        boolean stabilized = values.flag("use_rslora", false);
        List<String> targets = targets();
        LoraOptions options = options();
        @Nullable LoraOptions extras = options.equals(LoraOptions.NONE) ? null : options;
        return values.checked(() -> new LoraSpec(rank, alpha, dropout, targets, stabilized, extras));
    }

    private LoraOptions options() {
        boolean dora = values.flag("use_dora", false);
        @Nullable String pattern = pattern();
        List<Integer> layers = values.integers("layers_to_transform");
        Map<String, Integer> ranks = values.integerMap("rank_pattern");
        Map<String, Double> alphas = values.numberMap("alpha_pattern");
        @Nullable Double ratio = values.optionalNumber("loraplus_lr_ratio").orElse(null);
        LoraBias bias = values.choice("bias", LoraBias.NONE, LoraBias.values(), LoraBias::wireName);
        List<String> saved = values.texts("modules_to_save", List.of());
        AdapterStart start = start();
        @Nullable String excluded = excluded();
        return values.checked(() -> {
            ModulePattern.check("target_modules", pattern == null ? List.of() : List.of(pattern));
            ModulePattern.check("exclude_modules", excluded == null ? List.of() : List.of(excluded));
            ModulePattern.check("rank_pattern", ranks.keySet());
            ModulePattern.check("alpha_pattern", alphas.keySet());
            return new LoraOptions(dora, pattern, layers, ranks, alphas, ratio, bias, saved, start, excluded);
        });
    }

    /// One text is `all-linear`, a projection's name, or an expression for whole paths.
    private List<String> targets() {
        List<String> targets = values.texts("target_modules", LoraSpec.ALL_PROJECTIONS);
        boolean all = targets.equals(List.of("all-linear")) || pattern() != null;
        return all ? LoraSpec.ALL_PROJECTIONS : targets;
    }

    private @Nullable String pattern() {
        return values.loneText("target_modules")
                .filter(text -> !text.equals("all-linear"))
                .filter(text -> !PLAIN_NAME.matcher(text).matches())
                .orElse(null);
    }

    /// One text is an expression for whole paths, in which a name is the whole path too; names of a list are the end of
    /// a path.
    private @Nullable String excluded() {
        Optional<String> expression = values.loneText("exclude_modules");
        List<String> names = expression.isPresent() ? List.of() : values.texts("exclude_modules", List.of());
        return names.isEmpty() ? expression.orElse(null) : ModulePattern.ofNames(names);
    }

    private AdapterStart start() {
        @Nullable Integer rounds = values.optionalInteger("loftq_iter").orElse(null);
        AdapterStart start = values.optional("init_lora_weights", STARTS, AdapterReader::start)
                .orElse(AdapterStart.DEFAULTS);
        if (rounds == null) {
            return start;
        }
        return values.checked(() -> {
            if (start.method() != AdapterStart.Method.LOFTQ) {
                throw new IllegalArgumentException("loftq_iter has no meaning without init_lora_weights loftq");
            }
            return new AdapterStart(AdapterStart.Method.LOFTQ, rounds);
        });
    }

    private static @Nullable AdapterStart start(JsonNode node) {
        if (node.isBoolean()) {
            return node.booleanValue() ? AdapterStart.DEFAULTS : null;
        }
        Matcher fast = FAST_PISSA.matcher(node.asText());
        if (fast.matches()) {
            int rounds = Integer.parseInt(fast.group(1));
            return rounds < 1 || rounds > MAX_PISSA_ROUNDS ? null : new AdapterStart(AdapterStart.Method.PISSA, rounds);
        }
        return switch (node.asText()) {
            case "gaussian" -> new AdapterStart(AdapterStart.Method.GAUSSIAN, null);
            case "pissa" -> new AdapterStart(AdapterStart.Method.PISSA, null);
            case "loftq" -> new AdapterStart(AdapterStart.Method.LOFTQ, null);
            default -> null;
        };
    }
}

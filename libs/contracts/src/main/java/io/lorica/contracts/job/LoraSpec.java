package io.lorica.contracts.job;

import java.util.List;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/// The shape of a low-rank adapter (LoRA, https://arxiv.org/abs/2106.09685).
///
/// @param rank r, the inner dimension of A and B
/// @param alpha the scale is alpha / r, or alpha / sqrt(r) with rank stabilisation
/// @param dropout probability with which an input element of A is dropped while training, in [0, 1)
/// @param targetModules the projections that get an adapter, by their Hugging Face names
/// @param rankStabilized rsLoRA (https://arxiv.org/abs/2312.03732): scale by alpha / sqrt(r)
/// @param options what goes beyond plain LoRA, null for nothing
public record LoraSpec(
        int rank,
        double alpha,
        double dropout,
        List<String> targetModules,
        boolean rankStabilized,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable LoraOptions options) {

    /// The seven projections of a decoder layer.
    public static final List<String> ALL_PROJECTIONS =
            List.of("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj");

    // Twice what a job may ask for: a start from singular vectors is saved with twice the rank.
    static final int HIGHEST_RANK = 2048;

    @JsonCreator
    public LoraSpec {
        if (rank < 1 || rank > HIGHEST_RANK) {
            throw new IllegalArgumentException("lora_rank is " + rank + "; it must be from 1 to " + HIGHEST_RANK);
        }
        if (!(alpha > 0 && Double.isFinite(alpha))) {
            throw new IllegalArgumentException("lora_alpha is " + alpha + "; it must be above 0");
        }
        if (!(dropout >= 0 && dropout < 1)) {
            throw new IllegalArgumentException("lora_dropout is " + dropout + "; it must be in [0, 1)");
        }
        if (targetModules.isEmpty()) {
            throw new IllegalArgumentException("target_modules is empty; name at least one projection");
        }
        for (String module : targetModules) {
            if (!ALL_PROJECTIONS.contains(module)) {
                throw new IllegalArgumentException(
                        "target_modules names '" + module + "'; choose from " + String.join(", ", ALL_PROJECTIONS));
            }
        }
        targetModules = List.copyOf(targetModules);
    }

    /// A plain adapter.
    public LoraSpec(int rank, double alpha, double dropout, List<String> targetModules, boolean rankStabilized) {
        this(rank, alpha, dropout, targetModules, rankStabilized, null);
    }

    /// What goes beyond plain LoRA.
    public LoraOptions extras() {
        return options == null ? LoraOptions.NONE : options;
    }

    /// The factor on B·A·x.
    public double scale() {
        return scale(rank, alpha);
    }

    /// The factor on B·A·x where a projection has a rank or an alpha of its own.
    public double scale(int ownRank, double ownAlpha) {
        return rankStabilized ? ownAlpha / Math.sqrt(ownRank) : ownAlpha / ownRank;
    }
}

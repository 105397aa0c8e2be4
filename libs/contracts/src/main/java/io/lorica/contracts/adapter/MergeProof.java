package io.lorica.contracts.adapter;

import java.util.Locale;

import com.fasterxml.jackson.annotation.JsonIgnore;
import org.jspecify.annotations.Nullable;

/// How near a merged model, as its files hold it, is to base and adapter side by side, measured on rows of the job and
/// matrix by matrix. The yardstick is the rounding to 16 bits itself: base and adapter side by side once more, with
/// nothing but the base's weights rounded as a merge rounds them.
///
/// @param compared what was compared with what, in words
/// @param rows how many rows were read
/// @param positions at how many of their positions the scores of all tokens were compared
/// @param greatestLogitDifference the greatest difference of one token's score
/// @param meanDivergence mean of KL(base and adapter ‖ merged) over the positions, in nats
/// @param greatestDivergence the greatest of them
/// @param greedyAgreement share of the positions at which both rank the same token first
/// @param meanDivergenceLimit the highest meanDivergence at which the merged model may be published
/// @param greedyAgreementLimit the lowest decisiveAgreement at which it may be
/// @param rounding the same figures of the yardstick
/// @param decisivePositions the positions whose two best tokens are further apart than rounding can move them
/// @param decisiveAgreement share of those at which both rank the same token first; 1 where there are none
/// @param matrices the comparison of the weights themselves
/// @param finding the verdict
public record MergeProof(
        String compared,
        int rows,
        int positions,
        double greatestLogitDifference,
        double meanDivergence,
        double greatestDivergence,
        double greedyAgreement,
        double meanDivergenceLimit,
        double greedyAgreementLimit,
        Rounding rounding,
        int decisivePositions,
        double decisiveAgreement,
        Matrices matrices,
        MergeFinding finding) {

    /// The highest mean divergence that is never questioned: some 1e-4 nats are usual.
    public static final double UNQUESTIONED_DIVERGENCE = 0.02;
    /// The highest that is published whatever the yardstick says: beyond it the answers are others.
    public static final double TOLERABLE_DIVERGENCE = 0.1;
    /// The lowest agreement where rounding cannot change the first token.
    public static final double AGREEMENT_LIMIT = 0.95;
    /// How much further than the yardstick a merge may be: both are one draw of the same rounding.
    private static final double TIMES_ROUNDING = 4;

    /// Distances between base and adapter as they are and with rounded weights.
    ///
    /// @param greatestLogitDifference the greatest difference of one token's score
    /// @param meanDivergence the mean of KL over the positions, in nats
    /// @param greedyAgreement share of the positions at which both rank the same token first
    public record Rounding(double greatestLogitDifference, double meanDivergence, double greedyAgreement) {}

    /// The weights of the files against base and adapter, tensor by tensor.
    ///
    /// @param compared how many tensors were compared
    /// @param greatestError the greatest error of a merged matrix, 1 being what its rounding alone leaves
    /// @param wrong the first tensor that is not what base and adapter add up to, and in which way; null for none
    public record Matrices(
            int compared, double greatestError, @Nullable String wrong) {}

    /// The distances of a merged model.
    ///
    /// @param greatestLogitDifference the greatest difference of one token's score
    /// @param meanDivergence the mean of KL over the positions, in nats
    /// @param greatestDivergence the greatest of them
    /// @param greedyAgreement share of the positions at which both rank the same token first
    /// @param decisivePositions the positions whose two best tokens are further apart than rounding can move them
    /// @param decisiveAgreement share of those at which both rank the same token first
    public record Distance(
            double greatestLogitDifference,
            double meanDivergence,
            double greatestDivergence,
            double greedyAgreement,
            int decisivePositions,
            double decisiveAgreement) {}

    /// Judges what was measured. A number that is none proves nothing.
    public static MergeProof judged(
            String compared, int rows, int positions, Distance merged, Rounding rounding, Matrices matrices) {
        double limit = Math.max(UNQUESTIONED_DIVERGENCE, TIMES_ROUNDING * rounding.meanDivergence());
        return new MergeProof(
                compared,
                rows,
                positions,
                merged.greatestLogitDifference(),
                merged.meanDivergence(),
                merged.greatestDivergence(),
                merged.greedyAgreement(),
                Math.min(limit, TOLERABLE_DIVERGENCE),
                AGREEMENT_LIMIT,
                rounding,
                merged.decisivePositions(),
                merged.decisiveAgreement(),
                matrices,
                positions == 0 ? MergeFinding.BAD_MERGE : finding(merged, limit, matrices));
    }

    private static MergeFinding finding(Distance merged, double limit, Matrices matrices) {
        boolean near = Double.isFinite(merged.greatestLogitDifference())
                && merged.meanDivergence() <= limit
                && merged.decisiveAgreement() >= AGREEMENT_LIMIT;
        if (matrices.wrong() != null || !near) {
            return MergeFinding.BAD_MERGE;
        }
        if (merged.meanDivergence() > TOLERABLE_DIVERGENCE) {
            return MergeFinding.TOO_COARSE;
        }
        if (merged.meanDivergence() > UNQUESTIONED_DIVERGENCE) {
            return MergeFinding.ROUNDING;
        }
        return merged.greedyAgreement() < 1 ? MergeFinding.NEAR_TIES : MergeFinding.AGREES;
    }

    /// Verdict and figures in a sentence or two.
    @JsonIgnore
    public String sentence() {
        return switch (finding) {
            case AGREES -> "The merged weights answer as base and adapter do: " + figures() + ".";
            case NEAR_TIES ->
                "The merged weights answer as base and adapter do: " + figures()
                        + ". Where the first token differs, the two best are near ties, closer than rounding to 16 bits"
                        + " moves them.";
            case ROUNDING ->
                "The merged weights are base and adapter rounded to 16 bits, which this model feels: " + figures()
                        + ". Rounding the base alone makes a mean divergence of " + nats(rounding.meanDivergence())
                        + ".";
            case TOO_COARSE ->
                "The merge is right, but 16 bits are too coarse for this model: " + figures()
                        + ", and rounding the base alone makes a mean divergence of "
                        + nats(rounding.meanDivergence()) + ". The merged weights are withheld; use the adapter, which"
                        + " is not affected.";
            case BAD_MERGE ->
                "The merged weights do not answer as base and adapter do: " + figures() + "; at most "
                        + nats(meanDivergenceLimit) + " are explained by rounding" + wrong()
                        + ". They are withheld; use the adapter, which is not affected.";
        };
    }

    private String wrong() {
        return matrices.wrong() == null ? "" : ", and " + matrices.wrong();
    }

    private String figures() {
        return String.format(
                Locale.ROOT,
                "greatest logit difference %.3g, mean divergence %s, the same first token at %.1f %% of %d positions and"
                        + " at %.1f %% of the %d where rounding cannot change it",
                greatestLogitDifference,
                nats(meanDivergence),
                100 * greedyAgreement,
                positions,
                100 * decisiveAgreement,
                decisivePositions);
    }

    private static String nats(double divergence) {
        return String.format(Locale.ROOT, "%.3g nats", divergence);
    }

    /// Tells whether the merged model may be published.
    public boolean holds() {
        return finding.published();
    }
}

package io.lorica.contracts.adapter;

import java.util.Locale;

/// How near a merged model, as its files hold it, is to base and adapter side by side, measured on rows of the job.
///
/// @param compared what was compared with what, in words
/// @param rows how many rows were read
/// @param positions at how many of their positions the scores of all tokens were compared
/// @param greatestLogitDifference the greatest difference of one token's score
/// @param meanDivergence mean of KL(base and adapter ‖ merged) over the positions, in nats
/// @param greatestDivergence the greatest of them
/// @param greedyAgreement share of the positions at which both rank the same token first
/// @param meanDivergenceLimit the highest meanDivergence at which the merged model may be published
/// @param greedyAgreementLimit the lowest greedyAgreement at which it may be
public record MergeProof(
        String compared,
        int rows,
        int positions,
        double greatestLogitDifference,
        double meanDivergence,
        double greatestDivergence,
        double greedyAgreement,
        double meanDivergenceLimit,
        double greedyAgreementLimit) {

    /// The figures in a sentence.
    public String sentence() {
        return String.format(
                Locale.ROOT,
                "The merged weights answer as base and adapter do: greatest logit difference %.3g, mean divergence %.3g "
                        + "nats, the same first token at %.1f %% of %d positions.",
                greatestLogitDifference,
                meanDivergence,
                100 * greedyAgreement,
                positions);
    }

    /// Whether the merged model may be published. A number that is none proves nothing.
    public boolean holds() {
        return positions > 0
                && Double.isFinite(greatestLogitDifference)
                && meanDivergence <= meanDivergenceLimit
                && greedyAgreement >= greedyAgreementLimit;
    }
}

package io.lorica.llm.train;

import java.util.List;

import org.jspecify.annotations.Nullable;

/// Sums of cross-entropy and hits over learned tokens, added up batch by batch on the host in double precision.
final class TokenLoss {

    private double thinkingSum;
    private long thinkingTokens;
    private double answerSum;
    private long answerTokens;
    private long hits;

    /// Adds the losses of a batch's learned tokens.
    void add(List<Batch.Learned> learned, float[] losses, boolean[] hit) {
        for (int i = 0; i < losses.length; i++) {
            if (learned.get(i).thinking()) {
                thinkingSum += losses[i];
                thinkingTokens++;
            } else {
                answerSum += losses[i];
                answerTokens++;
            }
            hits += hit[i] ? 1 : 0;
        }
    }

    long tokens() {
        return thinkingTokens + answerTokens;
    }

    double mean() {
        return (thinkingSum + answerSum) / Math.max(1, tokens());
    }

    double accuracy() {
        return (double) hits / Math.max(1, tokens());
    }

    @Nullable
    Double thinkingMean() {
        return thinkingTokens == 0 ? null : thinkingSum / thinkingTokens;
    }

    @Nullable
    Double answerMean() {
        return answerTokens == 0 ? null : answerSum / answerTokens;
    }
}

package io.lorica.llm.train;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/// Sums of cross-entropy and hits over learned tokens, added up batch by batch on the host in double precision.
final class TokenLoss {

    private final Map<TextPart, Sum> sums = new EnumMap<>(TextPart.class);
    private long hits;

    private record Sum(double losses, long tokens) {

        static final Sum NOTHING = new Sum(0, 0);

        Sum plus(double loss) {
            return new Sum(losses + loss, tokens + 1);
        }
    }

    /// Adds the losses of a batch's learned tokens.
    void add(List<Batch.Learned> learned, float[] losses, boolean[] hit) {
        for (int i = 0; i < losses.length; i++) {
            TextPart part = learned.get(i).part();
            sums.put(part, of(part).plus(losses[i]));
            hits += hit[i] ? 1 : 0;
        }
    }

    long tokens() {
        return sums.values().stream().mapToLong(Sum::tokens).sum();
    }

    double mean() {
        return sums.values().stream().mapToDouble(Sum::losses).sum() / Math.max(1, tokens());
    }

    double accuracy() {
        return (double) hits / Math.max(1, tokens());
    }

    @Nullable
    Double thinkingMean() {
        return mean(TextPart.THINKING);
    }

    @Nullable
    Double answerMean() {
        return mean(TextPart.ANSWER);
    }

    private @Nullable Double mean(TextPart part) {
        Sum sum = of(part);
        return sum.tokens() == 0 ? null : sum.losses() / sum.tokens();
    }

    private Sum of(TextPart part) {
        return sums.getOrDefault(part, Sum.NOTHING);
    }
}

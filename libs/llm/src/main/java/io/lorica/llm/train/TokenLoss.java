package io.lorica.llm.train;

import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.LongStream;

import org.jspecify.annotations.Nullable;

/// Sums of cross-entropy and hits over learned tokens, added up batch by batch on the host in double precision.
final class TokenLoss {

    // By part; plain arrays, since a device may be waiting while thousands of tokens are counted.
    private final double[] losses = new double[TextPart.values().length];
    private final long[] tokens = new long[losses.length];
    private long hits;

    /// Adds the losses of a batch's learned tokens.
    ///
    /// @param losses the loss of each
    /// @param hits 1 for each that the model ranked first, else 0
    void add(List<Batch.Learned> learned, float[] losses, float[] hits) {
        for (int i = 0; i < losses.length; i++) {
            int part = learned.get(i).part().ordinal();
            this.losses[part] += losses[i];
            tokens[part]++;
            this.hits += hits[i] != 0 ? 1 : 0;
        }
    }

    long tokens() {
        return LongStream.of(tokens).sum();
    }

    double mean() {
        return DoubleStream.of(losses).sum() / Math.max(1, tokens());
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
        long count = tokens[part.ordinal()];
        return count == 0 ? null : losses[part.ordinal()] / count;
    }
}

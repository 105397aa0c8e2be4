package io.lorica.llm.generate;

import java.util.Comparator;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/// Draws from softmax(logits / temperature), cut down first to the k likeliest tokens and then to the smallest set of
/// them whose probabilities reach p (https://arxiv.org/abs/1904.09751).
///
/// @param temperature above 0; below 1 sharpens
/// @param topP how much probability is kept
/// @param topK how many tokens are kept, 0 for all
/// @param random where the draws come from
record NucleusSampler(double temperature, double topP, int topK, RandomGenerator random) implements Sampler {

    @Override
    public int pick(float[] logits) {
        double[] weights = weights(logits);
        int[] kept = candidates(logits, weights);
        double total = IntStream.of(kept).mapToDouble(token -> weights[token]).sum();
        double left = random.nextDouble() * total;
        for (int token : kept) {
            left -= weights[token];
            if (left < 0) {
                return token;
            }
        }
        return kept[kept.length - 1];
    }

    /// Probabilities but for a common factor.
    private double[] weights(float[] logits) {
        float highest = logits[GREEDY.pick(logits)];
        double[] weights = new double[logits.length];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = Math.exp((logits[i] - highest) / temperature);
        }
        return weights;
    }

    private int[] candidates(float[] logits, double[] weights) {
        boolean all = topP >= 1 && (topK == 0 || topK >= logits.length);
        if (all) {
            return IntStream.range(0, logits.length).toArray();
        }
        int[] ranked = IntStream.range(0, logits.length)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer token) -> -weights[token]))
                .limit(topK == 0 ? logits.length : topK)
                .mapToInt(Integer::intValue)
                .toArray();
        return IntStream.of(ranked).limit(nucleus(ranked, weights)).toArray();
    }

    /// How many of the ranked tokens reach p together.
    private int nucleus(int[] ranked, double[] weights) {
        double total = IntStream.of(ranked).mapToDouble(token -> weights[token]).sum();
        double sum = 0;
        for (int i = 0; i < ranked.length; i++) {
            sum += weights[ranked[i]];
            if (sum >= topP * total) {
                return i + 1;
            }
        }
        return ranked.length;
    }
}

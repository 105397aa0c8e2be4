package io.lorica.llm.generate;

import java.util.Arrays;
import java.util.PriorityQueue;
import java.util.random.RandomGenerator;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/// Draws from softmax(logits / temperature), cut down first to the k likeliest tokens, then to the smallest set of
/// them whose probabilities reach p (https://arxiv.org/abs/1904.09751), then to those that are likely enough beside
/// the likeliest. Only as many tokens are ranked as are kept.
///
/// @param temperature above 0; below 1 sharpens
/// @param topP how much probability is kept
/// @param topK how many tokens are kept, 0 for all
/// @param minP which share of the likeliest token's probability is kept, 0 for all
/// @param random where the draws come from
record NucleusSampler(double temperature, double topP, int topK, double minP, RandomGenerator random)
        implements Sampler {

    private static final int FIRST_RANKED = 64;
    private static final int GROWTH = 8;
    /// Above this share of all tokens, sorting them is faster than selecting.
    private static final int SORTED_SHARE = 16;

    @Override
    public int pick(float[] logits) {
        double[] weights = weights(logits);
        boolean all = topP >= 1 && minP == 0 && (topK == 0 || topK >= logits.length);
        int[] kept = all ? IntStream.range(0, logits.length).toArray() : kept(logits, weights);
        double left = random.nextDouble() * sum(kept, weights);
        for (int token : kept) {
            left -= weights[token];
            if (left < 0) {
                return token;
            }
        }
        return kept[kept.length - 1];
    }

    /// Probabilities but for a common factor; the likeliest token has 1.
    private double[] weights(float[] logits) {
        float highest = logits[GREEDY.pick(logits)];
        double[] weights = new double[logits.length];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = Math.exp((logits[i] - highest) / temperature);
        }
        return weights;
    }

    /// The tokens that remain, the likeliest first.
    private int[] kept(float[] logits, double[] weights) {
        int limit = topK == 0 ? weights.length : Math.min(topK, weights.length);
        int ranked = topK == 0 ? Math.min(FIRST_RANKED, limit) : limit;
        double total = topK == 0 ? DoubleStream.of(weights).sum() : 0;
        while (true) {
            int[] likeliest = likeliest(logits, ranked);
            int nucleus = nucleus(likeliest, weights, topK == 0 ? total : sum(likeliest, weights));
            int count = likelyEnough(likeliest, weights, nucleus);
            // Whatever comes behind the ranked ones is less likely than the last of them.
            if (count < ranked || ranked == limit) {
                return IntStream.of(likeliest).limit(count).toArray();
            }
            ranked = (int) Math.min((long) ranked * GROWTH, limit);
        }
    }

    /// The so many likeliest tokens, the likeliest first, of equals the one with the smaller number.
    static int[] likeliest(float[] logits, int count) {
        long[] best = count > logits.length / SORTED_SHARE ? sorted(logits) : selected(logits, count);
        int[] tokens = new int[count];
        for (int i = 0; i < count; i++) {
            tokens[i] = Integer.MAX_VALUE - (int) best[best.length - 1 - i];
        }
        return tokens;
    }

    private static long[] sorted(float[] logits) {
        long[] keys = new long[logits.length];
        for (int token = 0; token < keys.length; token++) {
            keys[token] = key(logits[token], token);
        }
        Arrays.sort(keys);
        return keys;
    }

    private static long[] selected(float[] logits, int count) {
        PriorityQueue<Long> best = new PriorityQueue<>(count);
        long bar = Long.MIN_VALUE;
        for (int token = 0; token < logits.length; token++) {
            long key = key(logits[token], token);
            if (best.size() == count && key < bar) {
                continue;
            }
            if (best.size() == count) {
                best.poll();
            }
            best.add(key);
            bar = best.element();
        }
        return best.stream().mapToLong(Long::longValue).sorted().toArray();
    }

    // Ordered as the scores are; of equal ones the smaller number has the larger key.
    private static long key(float logit, int token) {
        int bits = Float.floatToRawIntBits(logit);
        int ordered = bits ^ ((bits >> (Integer.SIZE - 1)) & Integer.MAX_VALUE);
        return ((long) ordered << Integer.SIZE) | (Integer.MAX_VALUE - token);
    }

    /// How many of the ranked tokens reach p together, all where they do not.
    private int nucleus(int[] ranked, double[] weights, double total) {
        double sum = 0;
        for (int i = 0; i < ranked.length; i++) {
            sum += weights[ranked[i]];
            if (sum >= topP * total) {
                return i + 1;
            }
        }
        return ranked.length;
    }

    private int likelyEnough(int[] ranked, double[] weights, int count) {
        int enough = count;
        while (enough > 1 && weights[ranked[enough - 1]] < minP) {
            enough--;
        }
        return enough;
    }

    private static double sum(int[] tokens, double[] weights) {
        return IntStream.of(tokens).mapToDouble(token -> weights[token]).sum();
    }
}

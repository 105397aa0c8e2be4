package io.lorica.llm.model;

import java.util.List;
import java.util.stream.Stream;

/// How rotary frequencies are stretched beyond the context length of pre-training, by the formulas of
/// transformers' `modeling_rope_utils.py`. Dimensions: D elements of a head.
public sealed interface RopeScaling {

    /// The frequencies of the D/2 pairs.
    ///
    /// @param theta the base
    /// @param headSize D
    /// @param length how many positions the longest sequence has
    float[] frequencies(double theta, int headSize, int length);

    /// The factor on cosines and sines.
    default double attentionFactor() {
        return 1;
    }

    /// How many positions the model takes.
    ///
    /// @param positions what its configuration says
    default int contextLength(int positions) {
        return positions;
    }

    /// θ^(-2i/D) for each pair i.
    static float[] plain(double theta, int headSize) {
        float[] frequencies = new float[headSize / 2];
        for (int i = 0; i < frequencies.length; i++) {
            frequencies[i] = (float) (1 / Math.pow(theta, 2.0 * i / headSize));
        }
        return frequencies;
    }

    private static void positive(String name, double value) {
        if (!(value > 0)) {
            throw new IllegalArgumentException("rope_scaling has no " + name + " above 0");
        }
    }

    /// Not at all.
    record None() implements RopeScaling {
        @Override
        public float[] frequencies(double theta, int headSize, int length) {
            return plain(theta, headSize);
        }
    }

    /// All frequencies are divided by one factor.
    ///
    /// @param factor the divisor
    record Linear(double factor) implements RopeScaling {

        public Linear {
            positive("factor", factor);
        }

        @Override
        public float[] frequencies(double theta, int headSize, int length) {
            float[] frequencies = plain(theta, headSize);
            for (int i = 0; i < frequencies.length; i++) {
                frequencies[i] /= (float) factor;
            }
            return frequencies;
        }

        @Override
        public int contextLength(int positions) {
            return (int) (positions * factor);
        }
    }

    /// The base grows with the length of the sequence once that exceeds the original context ("NTK-aware").
    ///
    /// @param factor how fast it grows
    /// @param originalContext the length up to which nothing changes
    record Dynamic(double factor, int originalContext) implements RopeScaling {

        public Dynamic {
            positive("factor", factor);
        }

        @Override
        public float[] frequencies(double theta, int headSize, int length) {
            double growth = factor * Math.max(length, originalContext) / originalContext - (factor - 1);
            return plain(theta * Math.pow(growth, headSize / (headSize - 2.0)), headSize);
        }

        @Override
        public int contextLength(int positions) {
            return (int) (positions * factor);
        }
    }

    /// Llama 3.1's rule: low frequencies are divided by the factor, high ones kept, those between blended.
    ///
    /// @param factor by what low frequencies are divided
    /// @param lowFactor where low frequencies end, in turns per original context
    /// @param highFactor where high frequencies begin, in turns per original context
    /// @param originalContext the context length of pre-training
    record Llama3(double factor, double lowFactor, double highFactor, double originalContext) implements RopeScaling {

        public Llama3 {
            if (!(factor > 0 && highFactor > lowFactor && originalContext > 0)) {
                throw new IllegalArgumentException("rope_scaling has values that contradict each other");
            }
        }

        @Override
        public float[] frequencies(double theta, int headSize, int length) {
            float[] frequencies = plain(theta, headSize);
            for (int i = 0; i < frequencies.length; i++) {
                frequencies[i] = scale(frequencies[i]);
            }
            return frequencies;
        }

        private float scale(float frequency) {
            double waveLength = 2 * Math.PI / frequency;
            double turns = originalContext / waveLength;
            if (turns < lowFactor) {
                return (float) (frequency / factor);
            }
            if (turns > highFactor) {
                return frequency;
            }
            double smooth = (turns - lowFactor) / (highFactor - lowFactor);
            return (float) ((1 - smooth) * frequency / factor + smooth * frequency);
        }
    }

    /// YaRN (https://arxiv.org/abs/2309.00071): pairs that turn often are kept, those that turn seldom
    /// divided, those between blended along a ramp; attention is sharpened by a factor.
    ///
    /// @param factor the divisor
    /// @param originalContext the context length of pre-training
    /// @param fastTurns turns per original context above which a pair is kept
    /// @param slowTurns turns per original context below which a pair is divided
    /// @param wholePairs whether the ramp begins and ends at whole pairs
    /// @param attentionFactor the factor on cosines and sines
    record Yarn(
            double factor,
            int originalContext,
            double fastTurns,
            double slowTurns,
            boolean wholePairs,
            double attentionFactor)
            implements RopeScaling {

        private static final double WIDTH_OF_AN_EMPTY_RAMP = 0.001;

        public Yarn {
            positive("factor", factor);
            positive("original_max_position_embeddings", originalContext);
            positive("beta_fast", fastTurns);
            positive("beta_slow", slowTurns);
        }

        /// The paper's attention factor, 0.1 · m · ln(s) + 1.
        public static double sharpening(double factor, double weight) {
            return factor <= 1 ? 1 : 0.1 * weight * Math.log(factor) + 1;
        }

        @Override
        public float[] frequencies(double theta, int headSize, int length) {
            double low = Math.max(0, pair(fastTurns, theta, headSize, true));
            double high = Math.min(headSize - 1, pair(slowTurns, theta, headSize, false));
            double width = high > low ? high - low : WIDTH_OF_AN_EMPTY_RAMP;
            float[] frequencies = plain(theta, headSize);
            for (int i = 0; i < frequencies.length; i++) {
                double ramp = Math.clamp((i - low) / width, 0, 1);
                frequencies[i] = (float) (frequencies[i] / factor * ramp + frequencies[i] * (1 - ramp));
            }
            return frequencies;
        }

        @Override
        public int contextLength(int positions) {
            return Math.max(positions, (int) (originalContext * factor));
        }

        /// The pair that makes that many turns within the original context.
        private double pair(double turns, double theta, int headSize, boolean begin) {
            double pair = headSize * Math.log(originalContext / (turns * 2 * Math.PI)) / (2 * Math.log(theta));
            if (!wholePairs) {
                return pair;
            }
            return begin ? Math.floor(pair) : Math.ceil(pair);
        }
    }

    /// LongRoPE (https://arxiv.org/abs/2402.13753): each frequency has a divisor of its own, one for texts
    /// up to the context length of pre-training and one for longer ones.
    ///
    /// @param shortFactors the divisors for short texts, `(D/2)`
    /// @param longFactors the divisors for long texts, `(D/2)`
    /// @param originalContext how long a short text may be
    /// @param attentionFactor the factor on cosines and sines
    record LongRope(List<Double> shortFactors, List<Double> longFactors, int originalContext, double attentionFactor)
            implements RopeScaling {

        public LongRope {
            shortFactors = List.copyOf(shortFactors);
            longFactors = List.copyOf(longFactors);
            positive("original_max_position_embeddings", originalContext);
            if (shortFactors.size() != longFactors.size()
                    || Stream.concat(shortFactors.stream(), longFactors.stream())
                            .anyMatch(value -> !(value > 0))) {
                throw new IllegalArgumentException(
                        "rope_scaling has no short_factor and long_factor of one length and above 0");
            }
        }

        @Override
        public float[] frequencies(double theta, int headSize, int length) {
            List<Double> divisors = length > originalContext ? longFactors : shortFactors;
            float[] frequencies = plain(theta, headSize);
            if (divisors.size() != frequencies.length) {
                throw new IllegalArgumentException("rope_scaling has " + divisors.size() + " factors for "
                        + frequencies.length + " pairs of a head");
            }
            for (int i = 0; i < frequencies.length; i++) {
                frequencies[i] /= divisors.get(i).floatValue();
            }
            return frequencies;
        }
    }
}

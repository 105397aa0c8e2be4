package io.lorica.llm.model;

/// How rotary frequencies are stretched beyond the context length of pre-training.
public sealed interface RopeScaling {

    /// The frequency to use for one of the unscaled.
    float scale(float frequency);

    /// Not at all.
    record None() implements RopeScaling {
        @Override
        public float scale(float frequency) {
            return frequency;
        }
    }

    /// Llama 3.1's rule: low frequencies are divided by the factor, high ones kept, those between blended
    /// (`_compute_llama3_parameters` of transformers).
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
        public float scale(float frequency) {
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
}

package io.lorica.llm.generate;

import java.util.random.RandomGeneratorFactory;

/// Chooses the next token from the scores of all tokens.
interface Sampler {

    /// The chosen token's number.
    int pick(float[] logits);

    /// Always the likeliest token, the first of equals.
    Sampler GREEDY = logits -> {
        int best = 0;
        for (int i = 1; i < logits.length; i++) {
            if (logits[i] > logits[best]) {
                best = i;
            }
        }
        return best;
    };

    /// The sampler that the settings ask for, with random numbers of its own.
    static Sampler of(Sampling sampling) {
        if (sampling.temperature() == 0) {
            return GREEDY;
        }
        var random = RandomGeneratorFactory.of("L64X128MixRandom").create(sampling.seed());
        return new NucleusSampler(sampling.temperature(), sampling.topP(), sampling.topK(), sampling.minP(), random);
    }
}

package io.lorica.llm.generate;

/// How likely a model finds a token, for tests that compare models number by number.
public final class LogProbability {

    private LogProbability() {}

    /// The natural logarithm of the probability of the token that a generation has just given.
    public static double of(Generation generation, GeneratedToken token) {
        float[] logits = ((TokenGeneration) generation).logits();
        float highest = logits[Sampler.GREEDY.pick(logits)];
        double sum = 0;
        for (float logit : logits) {
            sum += Math.exp(logit - highest);
        }
        return logits[token.id()] - highest - Math.log(sum);
    }
}

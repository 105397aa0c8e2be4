package io.lorica.llm.generate;

import java.util.BitSet;

/// Makes tokens that the prompt or the answer has already less likely (https://arxiv.org/abs/1909.05858): positive
/// scores are divided by the penalty, negative ones multiplied, as transformers does.
final class RepetitionPenalty {

    private final float penalty;
    private final BitSet seen = new BitSet();

    RepetitionPenalty(double penalty, int[] prompt) {
        this.penalty = (float) penalty;
        for (int id : prompt) {
            seen.set(id);
        }
    }

    void see(int id) {
        seen.set(id);
    }

    /// Changes the scores in place.
    void apply(float[] logits) {
        if (penalty == 1) {
            return;
        }
        for (int id = seen.nextSetBit(0); id >= 0 && id < logits.length; id = seen.nextSetBit(id + 1)) {
            logits[id] = logits[id] > 0 ? logits[id] / penalty : logits[id] * penalty;
        }
    }
}

package io.lorica.llm.train;

import java.util.Optional;

import io.lorica.llm.tensor.ElementType;

/// The factor on the loss that keeps small gradients within float16's range (https://arxiv.org/abs/1710.03740, section
/// 3.2). It is halved when gradients overflow, and the step is taken once more with the same rows; after many steps
/// without overflow it is doubled. In other types it is 1 and stays so.
final class LossScale {

    /// Where a run stands.
    ///
    /// @param factor the factor
    /// @param calmSteps steps since it last changed
    record State(double factor, int calmSteps) {}

    private static final double FIRST = 1 << 16;
    private static final double LARGEST = 1 << 24;
    private static final int STEPS_TO_DOUBLE = 2_000;

    private final boolean scales;
    private State state;

    LossScale(ElementType type) {
        this.scales = type == ElementType.F16;
        this.state = new State(scales ? FIRST : 1, 0);
    }

    /// A factor that is always 1.
    static LossScale none() {
        return new LossScale(ElementType.F32);
    }

    /// Whether the factor may be other than 1.
    boolean scales() {
        return scales;
    }

    double factor() {
        return state.factor();
    }

    /// Halves the factor, unless that cannot help any more.
    ///
    /// @return whether the step is worth another try
    boolean halve() {
        if (!scales || state.factor() <= 1) {
            return false;
        }
        state = new State(state.factor() / 2, 0);
        return true;
    }

    /// Counts a step whose gradients were finite.
    void calm() {
        int calm = state.calmSteps() + 1;
        boolean doubled = scales && calm >= STEPS_TO_DOUBLE && state.factor() < LARGEST;
        state = doubled ? new State(state.factor() * 2, 0) : new State(state.factor(), scales ? calm : 0);
    }

    /// What a checkpoint keeps, nothing where the factor is always 1.
    Optional<State> state() {
        return scales ? Optional.of(state) : Optional.empty();
    }

    /// Goes on from a checkpoint.
    void restore(Optional<State> earlier) {
        state = earlier.filter(_ -> scales).orElse(state);
    }
}

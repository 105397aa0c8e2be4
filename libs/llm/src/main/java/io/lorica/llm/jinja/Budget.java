package io.lorica.llm.jinja;

import java.util.function.Supplier;

/// What one render may use; chat templates need thousands of steps, not millions. Every part of the render under way
/// spends from the same budget, however deep in a value it is. Confined to one render.
final class Budget {

    /// As jinja2's sandbox.
    static final int LONGEST_RANGE = 100_000;

    private static final int MOST_STEPS = 1_000_000;
    private static final int MOST_CHARACTERS = 32 << 20;
    private static final int DEEPEST_CALL = 100;

    private static final ScopedValue<Budget> CURRENT = ScopedValue.newInstance();

    private int steps;
    private long characters;
    private int depth;

    private Budget() {}

    /// Renders with a new budget.
    static <T> T within(Supplier<T> render) {
        return ScopedValue.where(CURRENT, new Budget()).call(render::get);
    }

    /// One expression, one round of a loop, or one element looked at.
    static void step() {
        if (++CURRENT.get().steps > MOST_STEPS) {
            throw JinjaException.limit("the template takes more than " + MOST_STEPS + " steps");
        }
    }

    /// New text or a new list of that length, counted before it is made.
    static void grow(long length) {
        Budget budget = CURRENT.get();
        budget.characters += length;
        if (budget.characters > MOST_CHARACTERS) {
            throw JinjaException.limit("the template makes more than " + MOST_CHARACTERS + " characters");
        }
    }

    /// What a macro or a recursive loop renders.
    static <T> T call(Supplier<T> body) {
        Budget budget = CURRENT.get();
        if (++budget.depth > DEEPEST_CALL) {
            throw JinjaException.limit("macros call each other more than " + DEEPEST_CALL + " deep");
        }
        T result = body.get();
        budget.depth--;
        return result;
    }
}

package io.lorica.inference.engine;

import io.lorica.inference.reasoning.AnswerText;
import io.lorica.llm.generate.LanguageModel;
import io.lorica.llm.generate.Sampling;
import org.jspecify.annotations.Nullable;

/// A question that waits for its model, its adapter, its tokens and its turn. Confined to the engine's thread.
final class WaitingQuestion {

    private final Question question;
    private final long arrived = System.nanoTime();
    private boolean preparing;
    private @Nullable Prepared prepared;

    WaitingQuestion(Question question) {
        this.question = question;
    }

    /// What a question comes to for a model.
    ///
    /// @param tokens the prompt's
    /// @param sampling how tokens are chosen
    /// @param text takes the answer's text apart
    record Prepared(int[] tokens, Sampling sampling, AnswerText text) {

        /// Renders and tokenises. Called by any thread.
        static Prepared of(Question question, LanguageModel model) {
            Prompt prompt = question.prompt().apply(model);
            SamplingRequest sampling = question.sampling();
            return new Prepared(
                    model.tokenize(prompt.text()),
                    sampling.with(model.samplingDefaults()),
                    new AnswerText(prompt.start(), sampling.stopTexts(), sampling.stopInReasoning()));
        }
    }

    Question question() {
        return question;
    }

    /// When it came, by the clock of [System#nanoTime].
    long arrived() {
        return arrived;
    }

    /// Tells whether nobody prepares it yet; from here on somebody does.
    boolean startPreparing() {
        boolean first = !preparing;
        preparing = true;
        return first;
    }

    void prepared(Prepared result) {
        prepared = result;
    }

    @Nullable
    Prepared prepared() {
        return prepared;
    }
}

package io.lorica.inference.engine;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

import io.lorica.inference.reasoning.AnswerText;
import io.lorica.inference.reasoning.ReasoningSplitter;
import io.lorica.llm.generate.GeneratedToken;
import io.lorica.llm.generate.Generation;
import io.lorica.llm.generate.StopReason;

/// An answer in progress. Confined to the engine's thread.
///
/// @param question what was asked
/// @param arrived when, by the clock of [System#nanoTime]
/// @param residence the model
/// @param generation what computes it
/// @param text takes its text apart
/// @param generated how many tokens it has
record ActiveAnswer(
        Question question,
        long arrived,
        ModelMemory.Residence residence,
        Generation generation,
        AnswerText text,
        AtomicInteger generated) {

    /// Tells whether nobody waits for it any more.
    boolean abandoned() {
        return question.answer().abandoned();
    }

    /// Generates the next token.
    TokenStream.Item.Token next() {
        boolean reasoning = text.thinking();
        GeneratedToken token = generation.next();
        List<ReasoningSplitter.Piece> pieces =
                text.take(token.text(), token.stop().isPresent());
        Optional<StopReason> stop = text.stopped() ? Optional.of(StopReason.STOP) : token.stop();
        return new TokenStream.Item.Token(pieces, reasoning, stop);
    }
}

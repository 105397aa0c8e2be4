package io.lorica.inference.engine;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import io.lorica.contracts.error.ProductException;
import io.lorica.inference.reasoning.ReasoningSplitter;
import io.lorica.llm.generate.StopReason;

/// The text of one answer on its way from the engine's thread to the request's. It holds as much as comes: a reader
/// that is slow, or has stopped reading, never keeps the engine waiting, and the context length bounds what it costs.
public final class TokenStream {

    /// What comes through the stream, in this order: one beginning, tokens, and at any place a failure.
    public sealed interface Item {

        /// The prompt is tokenised and its turn has come.
        ///
        /// @param promptTokens how many tokens it has
        record Begun(int promptTokens) implements Item {}

        /// A token; the last one carries a stop reason.
        ///
        /// @param pieces the text that became certain with it
        /// @param reasoning whether the token belongs to the chain of thought
        record Token(List<ReasoningSplitter.Piece> pieces, boolean reasoning, Optional<StopReason> stop)
                implements Item {}

        /// The answer cannot go on.
        record Failed(ProductException failure) implements Item {}
    }

    private final LinkedBlockingQueue<Item> items = new LinkedBlockingQueue<>();
    private volatile boolean abandoned;

    void put(Item item) {
        items.add(item);
    }

    /// The next item; empty when none comes in the time.
    public Optional<Item> next(Duration wait) throws InterruptedException {
        return Optional.ofNullable(items.poll(wait.toMillis(), TimeUnit.MILLISECONDS));
    }

    /// Nobody waits for the answer any more: the engine drops it at the next token.
    public void abandon() {
        abandoned = true;
    }

    boolean abandoned() {
        return abandoned;
    }
}

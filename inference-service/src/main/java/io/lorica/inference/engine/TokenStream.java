package io.lorica.inference.engine;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import io.lorica.contracts.error.ProductException;
import io.lorica.llm.generate.GeneratedToken;

/// The tokens of one answer on their way from the engine's thread to the request's. It holds as many as come: a reader
/// that is slow, or has stopped reading, never keeps the engine waiting, and the context length bounds what it costs.
public final class TokenStream {

    /// What comes through the stream, in this order: one beginning, tokens, and at any place a failure.
    public sealed interface Item {

        /// The prompt has been taken in.
        ///
        /// @param promptTokens how many tokens it has
        /// @param insideThinking whether the answer begins inside the reasoning
        record Begun(int promptTokens, boolean insideThinking) implements Item {}

        /// A token; the last one carries a stop reason.
        record Token(GeneratedToken token) implements Item {}

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

package io.lorica.inference.engine;

import java.util.List;
import java.util.Optional;

import io.lorica.contracts.error.ProductException;
import io.lorica.inference.reasoning.ReasoningSplitter.Piece;
import io.lorica.llm.generate.StopReason;

/// Streams as the engine fills them.
public final class TokenStreams {

    private TokenStreams() {}

    /// A stream that holds items.
    public static TokenStream of(TokenStream.Item... items) {
        TokenStream stream = new TokenStream();
        for (TokenStream.Item item : items) {
            stream.put(item);
        }
        return stream;
    }

    /// A token that is not the last.
    public static TokenStream.Item token(boolean reasoning, Piece... pieces) {
        return new TokenStream.Item.Token(List.of(pieces), reasoning, Optional.empty());
    }

    /// The last token.
    public static TokenStream.Item last(StopReason reason, boolean reasoning, Piece... pieces) {
        return new TokenStream.Item.Token(List.of(pieces), reasoning, Optional.of(reason));
    }

    /// The turn has come.
    public static TokenStream.Item begun(int promptTokens) {
        return new TokenStream.Item.Begun(promptTokens);
    }

    /// The answer cannot go on.
    public static TokenStream.Item failed(ProductException failure) {
        return new TokenStream.Item.Failed(failure);
    }

    /// Whether the reader has said that it reads no more.
    public static boolean abandoned(TokenStream stream) {
        return stream.abandoned();
    }
}

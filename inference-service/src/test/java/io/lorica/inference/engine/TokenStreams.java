package io.lorica.inference.engine;

import java.util.Optional;

import io.lorica.contracts.error.ProductException;
import io.lorica.llm.generate.GeneratedToken;
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
    public static TokenStream.Item token(String text) {
        return new TokenStream.Item.Token(new GeneratedToken(1, text, 0, Optional.empty()));
    }

    /// The last token.
    public static TokenStream.Item last(String text, StopReason reason) {
        return new TokenStream.Item.Token(new GeneratedToken(1, text, 0, Optional.of(reason)));
    }

    /// The prompt is taken in.
    public static TokenStream.Item begun(int promptTokens, boolean insideThinking) {
        return new TokenStream.Item.Begun(promptTokens, insideThinking);
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

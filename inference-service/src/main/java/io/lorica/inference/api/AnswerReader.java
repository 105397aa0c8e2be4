package io.lorica.inference.api;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.inference.engine.TokenStream;
import io.lorica.inference.reasoning.ReasoningSplitter;
import io.lorica.llm.generate.StopReason;
import org.jspecify.annotations.Nullable;

/// Reads an answer from its stream and counts its tokens. Belongs to the request's thread.
final class AnswerReader {

    /// The parameter behind a failure that the engine, which knows no requests, could not name.
    private static final Map<ErrorCode, String> PARAMETERS = Map.of(
            ErrorCode.CONTEXT_LENGTH_EXCEEDED, "messages",
            ErrorCode.INVALID_REQUEST, "messages",
            ErrorCode.UNSUPPORTED_MODEL, "model");

    private final TokenStream stream;
    private int promptTokens;
    private int completionTokens;
    private int reasoningTokens;
    private @Nullable StopReason stop;

    AnswerReader(TokenStream stream) {
        this.stream = stream;
    }

    /// The next pieces of text; empty when none come in the time. After the last ones, [#ended] is true.
    Optional<List<ReasoningSplitter.Piece>> next(Duration wait) throws InterruptedException {
        Optional<TokenStream.Item> item = stream.next(wait);
        if (item.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(
                switch (item.get()) {
                    case TokenStream.Item.Begun begun -> begin(begun);
                    case TokenStream.Item.Token token -> take(token);
                    case TokenStream.Item.Failed failed -> throw inTermsOfTheRequest(failed.failure());
                });
    }

    private List<ReasoningSplitter.Piece> begin(TokenStream.Item.Begun begun) {
        promptTokens = begun.promptTokens();
        return List.of();
    }

    private List<ReasoningSplitter.Piece> take(TokenStream.Item.Token token) {
        completionTokens++;
        if (token.reasoning()) {
            reasoningTokens++;
        }
        stop = token.stop().orElse(null);
        return token.pieces();
    }

    private static ProductException inTermsOfTheRequest(ProductException failure) {
        String parameter = PARAMETERS.get(failure.code());
        return parameter == null || failure.parameter() != null
                ? failure
                : ProductException.forParameter(failure.code(), parameter, failure.detail());
    }

    /// Waits until the prompt is taken in, or until the time is over: a request that cannot be answered is best
    /// refused before an answer has begun.
    void awaitBeginning(Duration patience) throws InterruptedException {
        next(patience);
    }

    boolean ended() {
        return stop != null;
    }

    /// OpenAI's name of the reason why the answer ended.
    String finishReason() {
        return switch (stop) {
            case STOP -> "stop";
            case LENGTH -> "length";
            case null -> throw new IllegalStateException("the answer has not ended");
        };
    }

    ChatUsage usage() {
        return ChatUsage.of(promptTokens, completionTokens, reasoningTokens);
    }

    /// Nobody reads the rest.
    void abandon() {
        stream.abandon();
    }
}

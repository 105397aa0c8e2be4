package io.lorica.inference.api;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorica.contracts.error.ErrorEnvelope;
import io.lorica.contracts.error.ProductException;
import io.lorica.inference.reasoning.ReasoningSplitter;
import jakarta.ws.rs.core.StreamingOutput;
import org.jboss.logging.Logger;

/// Writes an answer as server-sent events while it comes in. A reader that has gone away ends the generation.
final class ChatStream implements StreamingOutput {

    private static final Logger LOG = Logger.getLogger(ChatStream.class);

    private final AnswerReader answer;
    private final ChatChunk.Maker chunks;
    private final boolean includeUsage;
    private final Duration keepAlive;
    private final ObjectMapper json;

    ChatStream(
            AnswerReader answer, ChatChunk.Maker chunks, boolean includeUsage, Duration keepAlive, ObjectMapper json) {
        this.answer = answer;
        this.chunks = chunks;
        this.includeUsage = includeUsage;
        this.keepAlive = keepAlive;
        this.json = json;
    }

    @Override
    public void write(OutputStream out) throws IOException {
        try {
            event(out, chunks.first());
            while (!answer.ended()) {
                Optional<List<ReasoningSplitter.Piece>> pieces = answer.next(keepAlive);
                if (pieces.isEmpty()) {
                    text(out, ": keep-alive\n\n");
                } else {
                    pieces.get().forEach(piece -> event(out, chunks.piece(piece)));
                }
            }
            event(out, chunks.last(answer.finishReason()));
            if (includeUsage) {
                event(out, chunks.usage(answer.usage()));
            }
            text(out, "data: [DONE]\n\n");
        } catch (ProductException e) {
            event(out, ErrorEnvelope.of(e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            answer.abandon();
        } catch (IOException | UncheckedIOException e) {
            LOG.debug("the reader of a stream has gone away", e);
            answer.abandon();
        }
    }

    private void event(OutputStream out, Object data) {
        try {
            text(out, "data: " + json.writeValueAsString(data) + "\n\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void text(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.UTF_8));
        out.flush();
    }
}

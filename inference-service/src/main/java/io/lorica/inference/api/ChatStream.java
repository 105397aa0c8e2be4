package io.lorica.inference.api;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorica.contracts.error.ErrorEnvelope;
import io.lorica.contracts.error.ErrorKind;
import io.lorica.contracts.error.ProductException;
import io.lorica.inference.reasoning.ReasoningSplitter;
import jakarta.ws.rs.core.StreamingOutput;
import org.jboss.logging.Logger;

/// Writes an answer as server-sent events while it comes in. A reader that has gone away ends the generation.
final class ChatStream implements StreamingOutput {

    private static final Logger LOG = Logger.getLogger(ChatStream.class);

    private final AnswerReader answer;
    private final BooleanSupplier readerGone;
    private final ChatChunk.Maker chunks;
    private final boolean includeUsage;
    private final Duration keepAlive;
    private final ObjectMapper json;

    ChatStream(
            AnswerReader answer,
            BooleanSupplier readerGone,
            ChatChunk.Maker chunks,
            boolean includeUsage,
            Duration keepAlive,
            ObjectMapper json) {
        this.answer = answer;
        this.readerGone = readerGone;
        this.chunks = chunks;
        this.includeUsage = includeUsage;
        this.keepAlive = keepAlive;
        this.json = json;
    }

    @Override
    public void write(OutputStream out) throws IOException {
        try {
            writeAnswer(out);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException | UncheckedIOException e) {
            LOG.debug("the reader of a stream has gone away", e);
        } finally {
            answer.abandon();
        }
    }

    private void writeAnswer(OutputStream out) throws IOException, InterruptedException {
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
            if (e.code().kind() == ErrorKind.INTERNAL) {
                LOG.errorf(e, "answer broke off code=%s", e.code().wireName());
            }
            event(out, ErrorEnvelope.of(e));
        }
    }

    private void event(OutputStream out, Object data) {
        try {
            text(out, "data: " + json.writeValueAsString(data) + "\n\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    // Writing alone does not tell: what is written after the connection has closed is dropped in silence.
    private void text(OutputStream out, String text) throws IOException {
        if (readerGone.getAsBoolean()) {
            throw new IOException("the connection is closed");
        }
        out.write(text.getBytes(StandardCharsets.UTF_8));
        out.flush();
    }
}

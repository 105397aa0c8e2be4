package io.lorica.inference.api;

import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorica.contracts.id.RandomIdentifier;
import io.lorica.inference.config.InferenceConfig;
import io.lorica.inference.engine.Answering;
import io.lorica.inference.reasoning.ReasoningSplitter;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;

/// Chat completions, whole or as a stream.
@Path("/v1/chat/completions")
@RunOnVirtualThread
public class ChatCompletionsResource {

    private static final Duration WAIT = Duration.ofSeconds(1);

    private final ChatRequestReader requests;
    private final Answering answering;
    private final InferenceConfig config;
    private final ObjectMapper json;
    private final Clock clock = Clock.systemUTC();

    ChatCompletionsResource(
            ChatRequestReader requests, Answering answering, InferenceConfig config, ObjectMapper json) {
        this.requests = requests;
        this.answering = answering;
        this.config = config;
        this.json = json;
    }

    /// Answers a conversation.
    @POST
    public Response complete(JsonNode body) throws InterruptedException {
        ChatCall call = requests.read(body);
        AnswerReader answer = new AnswerReader(answering.ask(call.model(), call.conversation(), call.sampling()));
        String id = "chatcmpl-" + RandomIdentifier.of(24);
        long created = clock.instant().getEpochSecond();
        String model = call.model().toString();
        if (!call.stream()) {
            return Response.ok(whole(answer, id, created, model), MediaType.APPLICATION_JSON_TYPE)
                    .build();
        }
        ChatChunk.Maker chunks = new ChatChunk.Maker(id, created, model);
        return Response.ok(
                        new ChatStream(answer, chunks, call.includeUsage(), config.keepAlive(), json),
                        MediaType.SERVER_SENT_EVENTS)
                .header("cache-control", "no-cache")
                .build();
    }

    private static ChatCompletion whole(AnswerReader answer, String id, long created, String model)
            throws InterruptedException {
        StringBuilder content = new StringBuilder();
        StringBuilder reasoning = new StringBuilder();
        while (!answer.ended()) {
            Optional<List<ReasoningSplitter.Piece>> pieces = answer.next(WAIT);
            for (ReasoningSplitter.Piece piece : pieces.orElse(List.of())) {
                switch (piece.kind()) {
                    case REASONING -> reasoning.append(piece.text());
                    case ANSWER -> content.append(piece.text());
                }
            }
        }
        return ChatCompletion.of(id, created, model, content.toString(), reasoning.toString(), answer);
    }
}

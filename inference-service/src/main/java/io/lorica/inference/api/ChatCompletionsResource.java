package io.lorica.inference.api;

import java.time.Clock;
import java.time.Duration;
import java.util.List;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorica.contracts.id.RandomIdentifier;
import io.lorica.inference.config.InferenceConfig;
import io.lorica.inference.engine.Answering;
import io.lorica.inference.reasoning.ReasoningSplitter;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerResponse;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Chat completions, whole or as a stream.
@Path("/v1/chat/completions")
@RunOnVirtualThread
public class ChatCompletionsResource {

    private static final Logger LOG = Logger.getLogger(ChatCompletionsResource.class);

    /// How often a request for a whole answer looks whether its caller is still there.
    private static final Duration LOOK = Duration.ofMillis(500);

    private final ChatRequestReader requests;
    private final ModelPermission permission;
    private final Answering answering;
    private final InferenceConfig config;
    private final ObjectMapper json;
    private final Clock clock = Clock.systemUTC();

    ChatCompletionsResource(
            ChatRequestReader requests,
            ModelPermission permission,
            Answering answering,
            InferenceConfig config,
            ObjectMapper json) {
        this.requests = requests;
        this.permission = permission;
        this.answering = answering;
        this.config = config;
        this.json = json;
    }

    /// Answers a conversation.
    @POST
    @Operation(summary = "Answer a conversation")
    @RequestBody(
            required = true,
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_JSON,
                            schema = @Schema(implementation = ChatRequestBody.class)))
    public Response complete(@Nullable JsonNode body, @Context HttpServerResponse caller) throws InterruptedException {
        ChatCall call = requests.read(body);
        permission.require(call.model());
        AnswerReader answer = new AnswerReader(answering.ask(call.model(), call.conversation(), call.sampling()));
        String id = "chatcmpl-" + RandomIdentifier.of(24);
        long created = clock.instant().getEpochSecond();
        String model = call.model().toString();
        if (call.stream()) {
            ChatChunk.Maker chunks = new ChatChunk.Maker(id, created, model);
            return stream(
                    new ChatStream(answer, caller::closed, chunks, call.includeUsage(), config.keepAlive(), json),
                    answer);
        }
        return whole(answer, caller, id, created, model);
    }

    private Response stream(ChatStream stream, AnswerReader answer) throws InterruptedException {
        answer.awaitBeginning(config.keepAlive());
        return Response.ok(stream, MediaType.SERVER_SENT_EVENTS)
                .header("cache-control", "no-cache")
                .build();
    }

    private static Response whole(AnswerReader answer, HttpServerResponse caller, String id, long created, String model)
            throws InterruptedException {
        StringBuilder content = new StringBuilder();
        StringBuilder reasoning = new StringBuilder();
        try {
            while (!answer.ended() && !caller.closed()) {
                for (ReasoningSplitter.Piece piece : answer.next(LOOK).orElse(List.of())) {
                    switch (piece.kind()) {
                        case REASONING -> reasoning.append(piece.text());
                        case ANSWER -> content.append(piece.text());
                    }
                }
            }
        } finally {
            answer.abandon();
        }
        if (!answer.ended()) {
            LOG.debugf("the caller has gone away id=%s", id);
            return Response.noContent().build();
        }
        ChatCompletion completion =
                ChatCompletion.of(id, created, model, content.toString(), reasoning.toString(), answer);
        return Response.ok(completion, MediaType.APPLICATION_JSON_TYPE).build();
    }
}

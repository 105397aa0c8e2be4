package io.lorica.inference.api;

import java.util.List;
import java.util.Map;
import java.util.Optional;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorica.contracts.chat.Role;
import io.lorica.inference.engine.Conversation;

/// Reads what was said, and how the model is to go on. A conversation that ends with the assistant is continued there,
/// unless the request says that a new turn begins.
final class ConversationReader {

    private static final String CONTINUE = "continue_final_message";
    private static final String NEW_TURN = "add_generation_prompt";

    private ConversationReader() {}

    static Conversation read(JsonNode body) {
        Parameters parameters = new Parameters(body);
        List<Conversation.Turn> turns = MessagesReader.read(body.path("messages"));
        Map<String, Object> arguments = parameters
                .given(TemplateArguments.NAME)
                .map(TemplateArguments::read)
                .orElse(Map.of());
        return new Conversation(turns, next(parameters, turns.getLast().role() == Role.ASSISTANT), arguments);
    }

    private static Conversation.Next next(Parameters parameters, boolean endsWithAssistant) {
        Optional<Boolean> continued = parameters.choice(CONTINUE);
        Optional<Boolean> newTurn = parameters.choice(NEW_TURN);
        if (continued.orElse(false) && newTurn.orElse(false)) {
            throw Parameters.invalid(
                    CONTINUE, "'" + CONTINUE + "' and '" + NEW_TURN + "' contradict each other; leave one out.");
        }
        if (continued.orElse(false) && !endsWithAssistant) {
            throw Parameters.invalid(
                    CONTINUE, "'" + CONTINUE + "' needs a last message of the assistant, which is then continued.");
        }
        if (continued.orElse(endsWithAssistant && !newTurn.orElse(false))) {
            return Conversation.Next.CONTINUE;
        }
        return newTurn.orElse(true) ? Conversation.Next.NEW_TURN : Conversation.Next.AS_IT_STANDS;
    }
}

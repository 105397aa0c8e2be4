package io.lorica.inference.api;

import java.util.Arrays;
import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorica.contracts.chat.Role;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.id.ModelName;
import io.lorica.inference.Settings;
import io.lorica.inference.engine.Conversation;
import io.lorica.inference.engine.Conversation.Turn;
import io.lorica.inference.engine.SamplingRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

class ChatRequestReaderTest {

    private static final String HELLO = "\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}]";

    private final ChatRequestReader reader = new ChatRequestReader(Settings.with(Map.of("default-max-tokens", "77")));

    @Test
    void readsWhatASmallRequestLeavesOut() {
        // When
        ChatCall call = read("{\"model\":\"org/name\"," + HELLO + "}");

        // Then
        assertThat(call.model()).isEqualTo(ModelName.parse("org/name"));
        assertThat(call.conversation().turns()).containsExactly(new Turn(Role.USER, "hello", null, null));
        assertThat(call.conversation().next()).isEqualTo(Conversation.Next.NEW_TURN);
        assertThat(call.sampling())
                .usingRecursiveComparison()
                .ignoringFields("seed")
                .isEqualTo(new SamplingRequest(77, null, null, null, null, null, 0, List.of(), false));
        assertThat(call.stream()).isFalse();
        assertThat(call.includeUsage()).isFalse();
    }

    @Test
    void readsEveryParameter() {
        // When
        ChatCall call = read("""
                {"model": "ft:base:org:own:abcd1234:ckpt-step-4", "temperature": 0.5, "top_p": 0.9, "top_k": 40,
                 "max_completion_tokens": 9, "max_tokens": 5, "seed": -3, "stop": ["END", "\\n\\n"], "stream": true,
                 "stream_options": {"include_usage": true, "include_obfuscation": false}, "n": 1, "logprobs": false,
                 "min_p": 0.1, "repetition_penalty": 1.05, "stop_in_reasoning": true,
                 "chat_template_kwargs": {"enable_thinking": false, "list": [1, 2.5, "x", null]},
                 "user": "u", "metadata": {"a": "b"}, "tools": [], "response_format": {"type": "text"},
                 "messages": [
                   {"role": "developer", "content": "be brief"},
                   {"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]},
                   {"role": "assistant", "content": "c", "reasoning_content": "shown", "refusal": null,
                    "tool_calls": [], "audio": null, "function_call": null},
                   {"role": "assistant", "content": null, "reasoning": "only this"},
                   {"role": "user", "content": "d", "name": "Ada"}]}
                """);

        // Then
        assertThat(call.model()).isInstanceOf(ModelName.Checkpoint.class);
        assertThat(call.sampling())
                .isEqualTo(new SamplingRequest(9, 0.5, 0.9, 40, 0.1, 1.05, -3, List.of("END", "\n\n"), true));
        assertThat(call.conversation().templateArguments())
                .isEqualTo(Map.of("enable_thinking", false, "list", Arrays.asList(1L, 2.5, "x", null)));
        assertThat(call.stream()).isTrue();
        assertThat(call.includeUsage()).isTrue();
        assertThat(call.conversation().turns())
                .containsExactly(
                        new Turn(Role.SYSTEM, "be brief", null, null),
                        new Turn(Role.USER, "ab", null, null),
                        new Turn(Role.ASSISTANT, "c", "shown", null),
                        new Turn(Role.ASSISTANT, "", "only this", null),
                        new Turn(Role.USER, "d", null, "Ada"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            assistant | ""                                                            | CONTINUE
            assistant | "continue_final_message":true,"add_generation_prompt":false,  | CONTINUE
            assistant | "continue_final_message":false,                               | NEW_TURN
            assistant | "add_generation_prompt":true,                                 | NEW_TURN
            user      | ""                                                            | NEW_TURN
            user      | "add_generation_prompt":false,                                | AS_IT_STANDS
            """)
    void goesOnAsTheConversationEnds(String role, String members, Conversation.Next next) {
        // When
        ChatCall call = read("{\"model\":\"m\"," + (members.equals("\"\"") ? "" : members)
                + "\"messages\":[{\"role\":\"" + role + "\",\"content\":\"It is\"}]}");

        // Then
        assertThat(call.conversation().next()).isEqualTo(next);
    }

    @Test
    void takesNullForLeftOut() {
        // When
        ChatCall call = read("{\"model\":\"m\",\"stop\":null,\"max_tokens\":null,\"stream\":null,\"tools\":null,"
                + HELLO + ",\"stream_options\":null,\"seed\":null,\"temperature\":null}");

        // Then
        assertThat(call.sampling().maxTokens()).isEqualTo(77);
        assertThat(call.sampling().stopTexts()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"0, 4.9E-324", "1, 1"})
    void keepsAtLeastTheLikeliestToken(String topP, double read) {
        assertThat(read("{\"model\":\"m\",\"top_p\":" + topP + "," + HELLO + "}")
                        .sampling()
                        .topP())
                .isEqualTo(read);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            "max_tokens":0                               | max_tokens
            "max_completion_tokens":0                    | max_completion_tokens
            "max_tokens":1.5                             | max_tokens
            "max_tokens":"9"                             | max_tokens
            "n":2                                        | n
            "temperature":2.1                            | temperature
            "temperature":"hot"                          | temperature
            "top_p":-0.1                                 | top_p
            "top_k":-2                                   | top_k
            "seed":1e30                                  | seed
            "seed":"x"                                   | seed
            "stop":""                                    | stop
            "stop":7                                     | stop
            "stop":{"a":"b"}                             | stop
            "stop":["a","b","c","d","e"]                 | stop
            "stream":"yes"                               | stream
            "stream_options":{"include_usage":true}      | stream_options
            "stream":true,"stream_options":7             | stream_options
            "stream":true,"stream_options":{"include_usage":1} | include_usage
            "logprobs":true                              | logprobs
            "tools":[{"type":"function"}]                | tools
            "response_format":{"type":"json_object"}     | response_format
            "chat_template_kwargs":7                     | chat_template_kwargs
            "min_p":1.1                                  | min_p
            "repetition_penalty":0                       | repetition_penalty
            "stop_in_reasoning":1                        | stop_in_reasoning
            "continue_final_message":true                | continue_final_message
            "add_generation_prompt":"no"                 | add_generation_prompt
            "thinking_token_budget":9                    | thinking_token_budget
            "presence_penalty":0.1                       | presence_penalty
            """)
    void refusesAValueAndNamesTheParameter(String member, String parameter) {
        // When
        ProductException failure = refusal("{\"model\":\"m\"," + member + "," + HELLO + "}");

        // Then
        assertThat(failure.code()).isEqualTo(ErrorCode.INVALID_REQUEST);
        assertThat(failure.parameter()).isEqualTo(parameter);
        assertThat(failure.detail()).contains("'" + parameter + "'");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"modle":"a"}                                    | modle
            {"modle":null}                                   | modle
            {"model":"m","stream":true,"stream_options":{"usage":true}} | stream_options.usage
            """)
    void refusesAParameterThatItDoesNotKnow(String body, String parameter) {
        // When
        ProductException failure = refusal(body.replace("{\"model\":\"m\",", "{\"model\":\"m\"," + HELLO + ","));

        // Then
        assertThat(failure.code()).isEqualTo(ErrorCode.UNKNOWN_PARAMETER);
        assertThat(failure.parameter()).isEqualTo(parameter);
        assertThat(failure.detail()).contains("remove it or correct its name");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            []                                               | messages
            "hello"                                          | messages
            [{"role":"tool","content":"x"}]                  | messages[0].role
            [{"content":"x"}]                                | messages[0].role
            [{"role":"user"}]                                | messages[0].content
            [{"role":"user","content":7}]                    | messages[0].content
            [{"role":"user","content":null}]                 | messages[0].content
            [{"role":"user","content":"a\\ud83d"}]           | messages[0].content
            [{"role":"user","content":"a","name":7}]         | messages[0].name
            [{"role":"user","content":"a","nme":"b"}]        | messages[0].nme
            [{"role":"assistant","tool_calls":[{"id":"1"}]}] | messages[0].tool_calls
            [{"role":"assistant","reasoning":"a","reasoning_content":"b"}] | messages[0].reasoning
            [{"role":"user","content":[{"type":"image_url"}]}] | messages[0].content[0].type
            [{"role":"user","content":[{"type":"text"}]}]    | messages[0].content[0].text
            """)
    void refusesMessagesAndSaysWhere(String messages, String parameter) {
        assertThat(refusal("{\"model\":\"m\",\"messages\":" + messages + "}").parameter())
                .isEqualTo(parameter);
    }

    @ParameterizedTest
    @ValueSource(strings = {"messages", "tools", "add_generation_prompt", "bos_token"})
    void refusesTemplateVariablesThatTheCallSetsItself(String name) {
        // When
        ProductException failure =
                refusal("{\"model\":\"m\"," + HELLO + ",\"chat_template_kwargs\":{\"" + name + "\":1}}");

        // Then
        assertThat(failure.parameter()).isEqualTo("chat_template_kwargs." + name);
    }

    @Test
    void boundsTemplateVariables() {
        // When
        ProductException deep = refusal("{\"model\":\"m\"," + HELLO + ",\"chat_template_kwargs\":{\"a\":"
                + "[".repeat(9) + "]".repeat(9) + "}}");
        ProductException large = refusal(
                "{\"model\":\"m\"," + HELLO + ",\"chat_template_kwargs\":{\"a\":\"" + "x".repeat(20_000) + "\"}}");

        // Then
        assertThat(deep.detail()).contains("8 levels deep");
        assertThat(large.detail()).contains("16384 characters");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\"model\":7,", "\"model\":null,", "\"model\":\"\",", "\"model\":\"two words\","})
    void refusesARequestThatNamesNoModel(String member) {
        // When
        ProductException failure = refusal("{" + member + HELLO + "}");

        // Then
        assertThat(failure.parameter()).isEqualTo("model");
        assertThat(failure.detail()).contains("GET /v1/models");
    }

    @ParameterizedTest
    @ValueSource(strings = {"[]", "null", "7"})
    void refusesABodyThatIsNoObject(String body) {
        assertThat(refusal(body).code()).isEqualTo(ErrorCode.INVALID_JSON);
    }

    private ProductException refusal(String body) {
        return catchThrowableOfType(ProductException.class, () -> read(body));
    }

    private ChatCall read(String body) {
        try {
            return reader.read(new ObjectMapper().readTree(body));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(body, e);
        }
    }
}

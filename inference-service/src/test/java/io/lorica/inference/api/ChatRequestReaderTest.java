package io.lorica.inference.api;

import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorica.contracts.chat.Message;
import io.lorica.contracts.chat.Role;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.id.ModelName;
import io.lorica.inference.Settings;
import io.lorica.llm.generate.Sampling;
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
        assertThat(call.conversation()).containsExactly(Message.of(Role.USER, "hello"));
        assertThat(call.sampling())
                .usingRecursiveComparison()
                .ignoringFields("seed")
                .isEqualTo(new Sampling(77, 1, 1, 0, 0, List.of()));
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
                 "user": "u", "metadata": {"a": "b"}, "tools": [], "response_format": {"type": "text"},
                 "messages": [
                   {"role": "developer", "content": "be brief"},
                   {"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]},
                   {"role": "assistant", "content": "c", "reasoning_content": "hidden"},
                   {"role": "user", "content": "d"}]}
                """);

        // Then
        assertThat(call.model()).isInstanceOf(ModelName.Checkpoint.class);
        assertThat(call.sampling()).isEqualTo(new Sampling(9, 0.5, 0.9, 40, -3, List.of("END", "\n\n")));
        assertThat(call.stream()).isTrue();
        assertThat(call.includeUsage()).isTrue();
        assertThat(call.conversation())
                .containsExactly(
                        Message.of(Role.SYSTEM, "be brief"),
                        Message.of(Role.USER, "ab"),
                        Message.of(Role.ASSISTANT, "c"),
                        Message.of(Role.USER, "d"));
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
            "chat_template_kwargs":{"thinking":false}    | chat_template_kwargs
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
            [{"role":"assistant","content":"x"}]             | messages
            [{"role":"tool","content":"x"}]                  | messages[0].role
            [{"content":"x"}]                                | messages[0].role
            [{"role":"user"}]                                | messages[0].content
            [{"role":"user","content":7}]                    | messages[0].content
            [{"role":"user","content":[{"type":"image_url"}]}] | messages[0].content[0].type
            [{"role":"user","content":[{"type":"text"}]}]    | messages[0].content[0].text
            """)
    void refusesMessagesAndSaysWhere(String messages, String parameter) {
        assertThat(refusal("{\"model\":\"m\",\"messages\":" + messages + "}").parameter())
                .isEqualTo(parameter);
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

package io.lorica.dataset.ingest;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import io.lorica.contracts.chat.Message;
import io.lorica.contracts.dataset.RejectedRow;
import io.lorica.contracts.job.LossRegion;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

/// Files as people have them, in `src/test/resources/cases`, with what must become of each line: the conversation with
/// a
/// star at what is learned and reasoning in brackets, or the beginning of why the row is set aside.
class CasesTest {

    private static final int LONGEST_LINE = 1 << 20;

    static Stream<Arguments> files() {
        return Stream.of(
                arguments(
                        "d1-bom-crlf-u2028.jsonl",
                        List.of(
                                "1 user What is 1 plus 1? | assistant* (Add 1 to itself.) It is 2.",
                                "2 user line\u2028separator and \u0085 nel? | assistant* (raw\u2029para) ok \u2028 done",
                                "3 user What is 2 plus 2? | assistant* (Add 2 to itself.) It is 4.",
                                "4 user What is 3 plus 3? | assistant* (Add 3 to itself.) It is 6.")),
                arguments(
                        "d1b-bom-in-middle.jsonl",
                        List.of(
                                "1 user What is 1 plus 1? | assistant* (Add 1 to itself.) It is 2.",
                                "2 user What is 2 plus 2? | assistant* (Add 2 to itself.) It is 4.")),
                arguments(
                        "d1c-utf16le.jsonl", List.of("0 set aside: The file is UTF-16 or UTF-32, not UTF-8; save it")),
                arguments(
                        "d2-nan-null.jsonl",
                        List.of(
                                "1 set aside: The line is not valid JSON at column 45: it holds NaN or Infinity",
                                "2 set aside: The field \"Complex_CoT\" is null.",
                                "3 user Name a fruit | assistant* apple",
                                "4 set aside: The line is not valid JSON at column 43: it holds NaN or Infinity",
                                "5 user Name a city | assistant* Paris",
                                "6 set aside: The field \"Response\" must be text, not a number.",
                                "7 set aside: The field \"completion\" is null.",
                                "8 user hi | assistant* hello",
                                "9 set aside: Message 2 has no text content; content must be text",
                                "10 set aside: The line is not valid JSON at column 50: the name of a field in double",
                                "11 user q | assistant* (c) r",
                                "12 set aside: The line must hold one JSON object, not a list.")),
                arguments(
                        "d3b-tools-dropped.jsonl",
                        List.of(
                                "1 set aside: The field \"tools\" describes tools, which the prompt templates cannot",
                                "2 set aside: The field \"tools\" describes tools, which the prompt templates cannot",
                                "3 set aside: The field \"tools\" describes tools, which the prompt templates cannot",
                                "4 set aside: The field \"tools\" describes tools, which the prompt templates cannot",
                                "5 set aside: Message 2 calls a tool, which the prompt templates cannot render"
                                        + " (\"function_call\").")),
                arguments(
                        "d5-content-parts.jsonl",
                        List.of(
                                "1 user One two | assistant* three",
                                "2 set aside: Message 1 has no text content: a part of it has \"image_url\"",
                                "3 set aside: Message 1 has no text content: a part of it is text, not an object",
                                "4 set aside: Message 1 is empty.",
                                "5 user one part | assistant* x",
                                "6 set aside: The field \"images\" holds images, sound or video",
                                "7 user q | assistant* (let me see) answer",
                                "8 user q | assistant* (let me see) answer",
                                "9 user q | assistant* (let me see) answer",
                                "10 user q | assistant* (see) answer")),
                arguments(
                        "d6-order.jsonl",
                        List.of(
                                "1 user a | assistant* b | assistant* c",
                                "2 set aside: Message 2 is a system message behind other messages",
                                "3 user a | user b | assistant* c",
                                "4 set aside: The last message comes from the user; it must be the assistant's answer.",
                                "5 system x\n\ny | user a | assistant* b",
                                "6 set aside: There is no message from the user before the assistant's answer.",
                                "7 set aside: Message 2 is empty.",
                                "8 set aside: Message 1 is empty.",
                                "9 set aside: Message 2 is empty.",
                                "10 system be brief | user a | assistant* b",
                                "11 set aside: Message 1 has the role \"User\"; only system, user and assistant",
                                "12 user a | assistant* b")),
                arguments(
                        "d7-think.jsonl",
                        List.of(
                                "1 user q | assistant* answer",
                                "2 user q | assistant* answer",
                                "3 set aside: Message 2 must hold one <think>…</think> at its beginning, or none",
                                "4 user q | assistant* (thought) answer",
                                "5 set aside: Message 2 must hold one <think>…</think> at its beginning, or none",
                                "6 set aside: Message 2 has no answer behind its reasoning.",
                                "7 set aside: Message 2 must hold one <think>…</think> at its beginning, or none",
                                "8 set aside: Message 2 must hold one <think>…</think> at its beginning, or none",
                                "9 set aside: Message 2 has two different texts of reasoning, in \"reasoning_content\" and"
                                        + " in <think> of the content",
                                "10 user q | assistant* (first) answer",
                                "11 user what does </think> do? | assistant* It ends thought.",
                                "12 user q | assistant* (a) b",
                                "13 user q | assistant* (a) b",
                                "14 set aside: The field \"Complex_CoT\" is empty.",
                                "15 set aside: The answer must hold one <think>…</think> at its beginning, or none",
                                "16 user q1 | assistant* (a1) b1 | user q2 | assistant* (a2) b2")),
                arguments(
                        "d9-surrogates.jsonl",
                        List.of(
                                "1 set aside: A text holds half of a surrogate pair",
                                "2 user pair 😀 here | assistant* ok",
                                "3 user nul \0 here | assistant* ok",
                                "4 set aside: The row has the same field twice ('messages').",
                                "5 set aside: The field \"messages\" must be a list with at least one message.",
                                "6 set aside: The row has the fields text, which is none of the known forms",
                                "7 set aside: The row has the fields question, answer, which is none of the known forms",
                                "8 set aside: The field \"Question\" is missing.",
                                "9 set aside: The row is complete in more than one form: by \"messages\" and by"
                                        + " \"Question\", \"Complex_CoT\", \"Response\"",
                                "10 user p | assistant* c",
                                "11 set aside: The field \"prompt\" must be text, not a list.",
                                "12 set aside: The row has the fields query, response, history, which is none of",
                                "13 set aside: The line is not valid JSON at column 85: more than one value stands on")),
                arguments("d10-json-array.jsonl", List.of("0 set aside: The file is one JSON array; write each row")),
                arguments(
                        "d11-null-union-columns.jsonl",
                        List.of(
                                "1 user a | assistant* b",
                                "2 user q | assistant* (c) r",
                                "3 user i | assistant* o",
                                "4 user p | assistant* c",
                                "5 user h | assistant* g",
                                "6 user p | assistant* c",
                                "7 user p | assistant* c",
                                "8 user a | assistant* b",
                                "9 user h | assistant* g",
                                "10 user a | assistant* b")));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("files")
    void givesEachLineItsValue(String file, List<String> expected) throws IOException {
        assertRows(judged(file, LossRegion.ALL), expected);
    }

    static Stream<Arguments> choices() {
        String half = "3 set aside: Message 2 has \"weight\" 0.5; it must be 0 or 1.";
        String text = "4 set aside: Message 2 has \"weight\" \"0\"; it must be 0 or 1.";
        String off = " set aside: Message 2 has weight 0 or is switched off otherwise, but train_on ";
        List<String> good = List.of(
                "1 user 2+2? | assistant 5 | user Wrong, again. | assistant* 4",
                "5 user 2+2? | assistant 5 | user Again | assistant* 4",
                "6 user 2+2? | assistant 5 | user again | assistant* 4",
                "7 user 2+2? | assistant 5 | user again | assistant* 4");
        return Stream.of(
                arguments(
                        LossRegion.ALL,
                        List.of(
                                good.get(0),
                                "2 set aside: Every message of the assistant has weight 0 or is switched off",
                                half,
                                text,
                                good.get(1),
                                good.get(2),
                                good.get(3))),
                arguments(
                        LossRegion.LAST,
                        List.of(good.get(0), "2" + off + "last", half, text, good.get(1), good.get(2), good.get(3))),
                arguments(
                        LossRegion.FULL,
                        List.of("1" + off + "full", "2" + off, half, text, "5" + off, "6" + off, "7" + off)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("choices")
    void takesTheWeightOfAMessage(LossRegion trainOn, List<String> expected) throws IOException {
        assertRows(judged("d4-weight.jsonl", trainOn), expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"k1-reasoning-key.jsonl", "k1-thinking-key.jsonl", "k2-tool_calls-empty.jsonl"})
    void readsTheseRowsAsTheControl(String file) throws IOException {
        // When
        List<String> rows = judged(file, LossRegion.ALL);

        // Then
        assertThat(rows)
                .isEqualTo(judged("k1-control-reasoning_content.jsonl", LossRegion.ALL))
                .hasSize(12);
        assertThat(rows.getFirst())
                .isEqualTo("1 user What is 0 plus 0? | assistant* (Adding 0 twice gives the sum.) It is 0.");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            k1-plain.jsonl        | ` user What is \\d+ plus \\d+\\? \\| assistant\\* It is \\d+\\.`
            k2-null-columns.jsonl | ` user What is \\d+\\? \\| assistant\\* \\(Adding \\d+ twice gives the sum\\.\\) It is \\d+\\.`
            k1-tools-top.jsonl    | ` set aside: The field "tools" describes tools.*`
            """)
    void treatsTwelveRowsAlike(String file, String form) throws IOException {
        // When
        List<String> rows = judged(file, LossRegion.ALL);

        // Then
        assertThat(rows).hasSize(12).allSatisfy(row -> assertThat(row).matches("\\d+" + form));
    }

    @Test
    void readsEveryCase() throws Exception {
        // Given
        List<String> named = Stream.concat(
                        files().map(case_ -> (String) case_.get()[0]),
                        Stream.of(
                                "d4-weight.jsonl",
                                "k1-control-reasoning_content.jsonl",
                                "k1-reasoning-key.jsonl",
                                "k1-thinking-key.jsonl",
                                "k2-tool_calls-empty.jsonl",
                                "k1-plain.jsonl",
                                "k2-null-columns.jsonl",
                                "k1-tools-top.jsonl"))
                .toList();

        // When
        String[] there = java.nio.file.Path.of(
                        CasesTest.class.getResource("/cases").toURI())
                .toFile()
                .list();

        // Then
        assertThat(there).containsExactlyInAnyOrderElementsOf(named);
    }

    private static void assertRows(List<String> rows, List<String> expected) {
        assertThat(rows).hasSameSizeAs(expected).zipSatisfy(expected, (row, value) -> {
            if (value.contains("set aside")) {
                assertThat(row).startsWith(value);
            } else {
                assertThat(row).isEqualTo(value);
            }
        });
    }

    private static List<String> judged(String file, LossRegion trainOn) throws IOException {
        try (InputStream content = CasesTest.class.getResourceAsStream("/cases/" + file)) {
            RowReader reader = new RowReader(content, LONGEST_LINE, new RowParser(), trainOn);
            List<String> rows = new ArrayList<>();
            Optional<RowOutcome> row = reader.next();
            while (row.isPresent()) {
                rows.add(inWords(row.get()));
                row = reader.next();
            }
            return rows;
        }
    }

    private static String inWords(RowOutcome outcome) {
        return switch (outcome) {
            case RowOutcome.Rejected(RejectedRow row) -> row.line() + " set aside: " + row.reason();
            case RowOutcome.Accepted(Example example) ->
                example.line() + " "
                        + IntStream.range(0, example.conversation().size())
                                .mapToObj(
                                        place -> inWords(example.conversation().get(place), example.learns(place)))
                                .collect(Collectors.joining(" | "));
        };
    }

    private static String inWords(Message message, boolean learned) {
        String reasoning =
                message.reasoning() == null || message.reasoning().isBlank() ? "" : "(" + message.reasoning() + ") ";
        return message.role().wireName() + (learned ? "* " : " ") + reasoning + message.content();
    }
}

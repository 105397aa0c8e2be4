package io.lorica.dataset.ingest;

import java.util.List;
import java.util.stream.Stream;

import io.lorica.contracts.chat.Message;
import io.lorica.contracts.chat.Role;
import io.lorica.contracts.dataset.RejectedRow;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

class RowParserTest {

    private static final Message QUESTION = Message.of(Role.USER, "Why?");
    private static final Message PLAIN = Message.of(Role.ASSISTANT, "Because.");
    private static final Message REASONED = new Message(Role.ASSISTANT, "Because.", "Hm.");

    private final RowParser parser = new RowParser();

    static Stream<Arguments> forms() {
        return Stream.of(
                arguments(
                        RowFormat.REASONING,
                        "{'Question':'Why?','Complex_CoT':'Hm.','Response':'Because.'}",
                        List.of(QUESTION, REASONED)),
                arguments(
                        RowFormat.CHAT,
                        "{'messages':[{'role':'user','content':'Why?'},{'role':'assistant','content':'Because.'}]}",
                        List.of(QUESTION, PLAIN)),
                arguments(
                        RowFormat.CHAT,
                        "{'messages':[{'role':'developer','content':'Short.'},{'role':'user','content':'Why?'},"
                                + "{'role':'assistant','content':'Because.','reasoning_content':'Hm.'}]}",
                        List.of(Message.of(Role.SYSTEM, "Short."), QUESTION, REASONED)),
                arguments(
                        RowFormat.CHAT,
                        "{'messages':[{'role':'user','content':[{'type':'text','text':'Wh'},{'type':'text','text':'y?'}]},"
                                + "{'role':'assistant','content':'<think>Hm.</think>Because.'}]}",
                        List.of(QUESTION, REASONED)),
                arguments(
                        RowFormat.CHAT,
                        "{'messages':[{'role':'user','content':'Why?'},{'role':'assistant','content':'Hm.\\n</think>\\n\\n"
                                + "Because.'}],'tools':[]}",
                        List.of(QUESTION, REASONED)),
                arguments(RowFormat.COMPLETION, "{'prompt':'Why?','completion':'Because.'}", List.of(QUESTION, PLAIN)),
                arguments(
                        RowFormat.ALPACA,
                        "{'instruction':'Why?','input':'','output':'<think>\\nHm.\\n</think>\\n\\nBecause.'}",
                        List.of(QUESTION, REASONED)),
                arguments(
                        RowFormat.ALPACA,
                        "{'system':'Short.','instruction':'Add.','input':'1, 2','output':'3'}",
                        List.of(
                                Message.of(Role.SYSTEM, "Short."),
                                Message.of(Role.USER, "Add.\n\n1, 2"),
                                Message.of(Role.ASSISTANT, "3"))),
                arguments(
                        RowFormat.SHARE_GPT,
                        "{'conversations':[{'from':'human','value':'Why?'},{'from':'gpt','value':'Because.'}]}",
                        List.of(QUESTION, PLAIN)));
    }

    @ParameterizedTest
    @MethodSource("forms")
    void readsEveryForm(RowFormat format, String row, List<Message> conversation) {
        // When
        RowOutcome outcome = parse(row);

        // Then
        assertThat(outcome).isInstanceOfSatisfying(RowOutcome.Accepted.class, accepted -> {
            assertThat(accepted.example().format()).isEqualTo(format);
            assertThat(accepted.example().conversation()).isEqualTo(conversation);
            assertThat(accepted.example().line()).isEqualTo(7);
        });
    }

    static Stream<Arguments> faults() {
        String user = "{'role':'user','content':'Why?'}";
        String assistant = "{'role':'assistant','content':'Because.'}";
        return Stream.of(
                arguments("not json", "not valid JSON at column"),
                arguments("{'prompt':'a','completion':'b'} {}", "not valid JSON"),
                arguments("{'prompt':'a'", "not valid JSON"),
                arguments("[1]", "must hold one JSON object, not a list"),
                arguments("null", "must hold one JSON object, not null"),
                arguments("{}", "no fields"),
                arguments("{'text':'a','id':1}", "the fields text, id, which is none of the known forms"),
                arguments("{'prompt':'a','prompt':'b','completion':'c'}", "the same field twice ('prompt')"),
                arguments("{'Question':'a','Response':'b'}", "\"Complex_CoT\" is missing"),
                arguments("{'Question':'a','Complex_CoT':'b','Response':' '}", "\"Response\" is empty"),
                arguments("{'Question':'a','Complex_CoT':'b','Response':3}", "\"Response\" must be text, not a number"),
                arguments("{'Question':'a','Complex_CoT':'x</think>y','Response':'b'}", "one <think>…</think>"),
                arguments("{'prompt':'a','completion':null}", "\"completion\" must be text, not null"),
                arguments("{'prompt':'a','completion':'<think>only</think>  '}", "no answer behind its reasoning"),
                arguments("{'prompt':'a','completion':'<think>never closed'}", "one <think>…</think>"),
                arguments("{'prompt':'\\ud83d','completion':'b'}", "half of a surrogate pair"),
                arguments("{'instruction':'a','input':[],'output':'b'}", "\"input\" must be text, not a list"),
                arguments("{'messages':[]}", "at least one message"),
                arguments("{'messages':'hello'}", "at least one message"),
                arguments("{'messages':[3]}", "Message 1 is a number"),
                arguments("{'messages':[{'content':'a'}]}", "Message 1 has no role"),
                arguments("{'messages':[{'role':'tool','content':'a'}]}", "Message 1 has the role \"tool\""),
                arguments("{'messages':[" + user + "]}", "The last message comes from the user"),
                arguments("{'messages':[" + assistant + "]}", "no message from the user"),
                arguments("{'messages':[" + user + ",{'role':'assistant','content':''}]}", "Message 2 is empty"),
                arguments("{'messages':[" + user + ",{'role':'assistant'}]}", "Message 2 has no text content"),
                arguments(
                        "{'messages':[{'role':'user','content':[{'type':'image_url'}]}," + assistant + "]}",
                        "Message 1 has no text content"),
                arguments(
                        "{'messages':[" + user + ",{'role':'assistant','content':null,'tool_calls':[{}]}]}",
                        "Message 2 calls a tool"),
                arguments("{'messages':[" + user + ",{'role':'assistant','content':'a','weight':0}]}", "has weight 0"),
                arguments(
                        "{'messages':[" + user + ",{'role':'assistant','content':'a','reasoning_content':1}]}",
                        "reasoning_content that is a number"),
                arguments("{'conversations':[{'from':'narrator','value':'a'}]}", "the role \"narrator\""));
    }

    @ParameterizedTest
    @MethodSource("faults")
    void saysWhatIsWrongInASentence(String row, String part) {
        // When
        RowOutcome outcome = parse(row);

        // Then
        assertThat(outcome).isInstanceOfSatisfying(RowOutcome.Rejected.class, rejected -> {
            assertThat(rejected.row().line()).isEqualTo(7);
            assertThat(rejected.row().reason()).contains(part).endsWith(".").doesNotContain("\n", "java", "Source:");
        });
    }

    @Test
    void keepsTheColumnsAsTheyWereUploaded() {
        // When
        RowOutcome outcome =
                parse("{'z':1.10,'prompt':'a','nested':{'b':[true,null]},'completion':'c','id':12345678901234}");

        // Then
        assertThat(outcome).isInstanceOfSatisfying(RowOutcome.Accepted.class, accepted -> {
            assertThat(accepted.example().columns().keySet())
                    .containsExactly("z", "prompt", "nested", "completion", "id");
            assertThat(accepted.example().columns().get("z")).hasToString("1.10");
            assertThat(accepted.example().columns()).containsEntry("id", 12345678901234L);
        });
    }

    @Test
    void leavesEarlierReasoningOutOfTheHistory() {
        // When
        RowOutcome outcome = parse("{'messages':[{'role':'user','content':'Why?'},"
                + "{'role':'assistant','content':'<think>Hm.</think>Because.'},{'role':'user','content':'Why?'},"
                + "{'role':'assistant','content':'Because.'}]}");

        // Then
        assertThat(outcome)
                .isInstanceOfSatisfying(
                        RowOutcome.Accepted.class,
                        accepted -> assertThat(accepted.example().conversation())
                                .containsExactly(QUESTION, REASONED, QUESTION, PLAIN));
    }

    @ParameterizedTest
    @ValueSource(ints = {501, 5000})
    void setsRowsAsideThatAreNestedTooDeep(int depth) {
        // When
        RowOutcome outcome = parser.parse(new Line.Text(7, "{\"prompt\":" + "[".repeat(depth)));

        // Then
        assertThat(outcome).isInstanceOf(RowOutcome.Rejected.class);
    }

    @Test
    void passesOnWhyALineCannotBeRead() {
        // When
        RowOutcome outcome = parser.parse(new Line.Unreadable(3, "The line is too long."));

        // Then
        assertThat(outcome).isEqualTo(new RowOutcome.Rejected(new RejectedRow(3, "The line is too long.")));
    }

    private RowOutcome parse(String row) {
        return parser.parse(new Line.Text(7, row.replace('\'', '"')));
    }
}

package io.lorica.dataset.ingest;

import java.util.List;
import java.util.stream.Stream;

import io.lorica.contracts.chat.Message;
import io.lorica.contracts.chat.Role;
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
                        List.of(QUESTION, PLAIN)),
                arguments(
                        RowFormat.SHARE_GPT,
                        "{'system':'Short.','conversations':[{'from':'human','role':null,'value':'Why?','weight':0},"
                                + "{'from':'gpt','value':'Because.','content':'','thinking':'Hm.','weight':1}]}",
                        List.of(Message.of(Role.SYSTEM, "Short."), QUESTION, REASONED)),
                arguments(
                        RowFormat.CHAT,
                        "{'system':'Short.','messages':[{'role':'system','content':'Kind.'},{'role':'user','content':'Why?'},"
                                + "{'role':'assistant','content':'Because.'}]}",
                        List.of(Message.of(Role.SYSTEM, "Short.\n\nKind."), QUESTION, PLAIN)),
                arguments(
                        RowFormat.CHAT,
                        "{'system_prompt':'Short.','messages':[{'role':'system','content':'Short.'},"
                                + "{'role':'system','content':null},{'role':'user','content':'Why?'},"
                                + "{'role':'assistant','content':'Because.'}]}",
                        List.of(Message.of(Role.SYSTEM, "Short."), QUESTION, PLAIN)),
                arguments(
                        RowFormat.ALPACA,
                        "{'system':'Short.','instruction':'Why?','input':null,'output':'Because.',"
                                + "'history':[['Who?','<think>Hm.</think>You.']]}",
                        List.of(
                                Message.of(Role.SYSTEM, "Short."),
                                Message.of(Role.USER, "Who?"),
                                new Message(Role.ASSISTANT, "You.", "Hm."),
                                QUESTION,
                                PLAIN)),
                arguments(
                        RowFormat.COMPLETION,
                        "{'prompt':'Why?','completion':'Because.','reasoning':'Hm.'}",
                        List.of(QUESTION, REASONED)),
                arguments(
                        RowFormat.COMPLETION,
                        "{'prompt':'Why?','completion':'<think>Hm.</think>Because.','reasoning_content':' Hm.\\n'}",
                        List.of(QUESTION, new Message(Role.ASSISTANT, "Because.", " Hm.\n"))),
                arguments(
                        RowFormat.CHAT,
                        "{'messages':[{'role':'user','content':'Why?','audio':null},{'role':'assistant','content':'Because.',"
                                + "'reasoning':'Hm.','thinking':'Hm.','channel':'final','tool_calls':[],'train':true}]}",
                        List.of(QUESTION, REASONED)));
    }

    /// Labels of data sets, whatever they are called: none of them changes the text or the loss.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "'id':7,'source':'web','category':['a'],'score':0.5,'metadata':{'weight':3}",
                "'parallel_tool_calls':true,'tools':[],'functions':null,'tool_calls':'[]'",
                "'images':[],'videos':null,'audio':'','image':false,'chosen':null,'rejected':''",
                "'label':'positive','reasoning':'on','thinking':false,'reasoning_effort':'high','loss':0.31,'train':'a'",
                "'weight':1,'history':[],'system':'','chat_template_kwargs':{'enable_thinking':null},'text':'Why?'"
            })
    void passesOverWhatChangesNothing(String labels) {
        // Given
        String prompt = "{'prompt':'Why?','completion':'Because.'," + labels + "}";
        String chat = "{" + labels + ",'messages':[{'role':'user','content':'Why?','id':1,'name':''},"
                + "{'role':'assistant','content':'Because.','finish_reason':'stop','annotations':[{'url':'x'}]}]}";

        // When // Then
        for (String row : List.of(prompt, chat)) {
            assertThat(parse(row))
                    .isInstanceOfSatisfying(
                            RowOutcome.Accepted.class,
                            accepted -> assertThat(accepted.example().conversation())
                                    .containsExactly(QUESTION, PLAIN));
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            "tools":[{"type":"function"}]           | "tools" describes tools
            "tools":"[{}]"                          | "tools" describes tools
            "functions":[{"name":"f"}]              | "functions" describes tools
            "builtin_tools":["python"]              | "builtin_tools" describes tools
            "images":["a.png"]                      | "images" holds images
            "image":"a.png"                         | "image" holds images
            "videos":["a.mp4"]                      | "videos" holds images, sound or video
            "audios":["a.wav"]                      | "audios" holds images, sound or video
            "chosen":"a"                            | "chosen" belongs to preference training
            "rejected":[{"role":"assistant"}]       | "rejected" belongs to preference training
            "label":false                           | "label" belongs to preference training
            "kto_tag":true                          | "kto_tag" belongs to preference training
            "chat_template_kwargs":{"a":false}      | "chat_template_kwargs" speaks to a chat template
            "input_ids":[1,2]                       | "input_ids" holds tokens
            "weight":0                              | "weight" is 0, so nothing of the row is to be learned
            "weight":0.5                            | "weight" is 0.5; it must be 0 or 1
            "train":false                           | "train" is false, so nothing of the row
            "system":{"a":1}                        | "system" must be text, not an object
            "prompt":"a","completion":"b","instruction":"c","output":"d" | by "instruction", "output" and by "prompt", "completion"
            """)
    void setsARowAsideByTheFieldThatItCannotHonour(String field, String reason) {
        // Given
        String prompt = "{'prompt':'Why?','completion':'Because.'," + field + "}";
        String chat = "{'messages':[{'role':'user','content':'Why?'},{'role':'assistant','content':'Because.'}],"
                + field + "}";

        // When // Then
        for (String row : field.startsWith("\"prompt") ? List.of("{" + field + "}") : List.of(prompt, chat)) {
            assertThat(parse(row))
                    .isInstanceOfSatisfying(
                            RowOutcome.Rejected.class,
                            rejected -> assertThat(rejected.row().reason()).contains(reason));
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            assistant | "weight":true                          | Message 2 has "weight" true; it must be 0 or 1
            assistant | "weight":-1                            | Message 2 has "weight" -1; it must be 0 or 1
            assistant | "train":"no"                           | Message 2 has "train" "no"; it must be true or false
            assistant | "loss":0.5                             | Message 2 has "loss" 0.5; it must be true or false
            assistant | "weight":0,"train":true                | Message 2 has a "weight" and a "train" that contradict
            assistant | "loss":true,"training":false           | Message 2 has a "loss" and a "training" that contradict
            user      | "weight":1                             | Message 2 comes from the user and has "weight" 1
            user      | "train":true                           | Message 2 comes from the user and has "train" true
            user      | "reasoning":"Hm."                      | Message 2 comes from the user and has "reasoning"
            user      | "images":["a.png"]                     | Message 2 has the field "images"
            user      | "name":"Ann"                           | Message 2 has the field "name"
            user      | "value":"b"                            | Message 2 has two roles or two contents
            assistant | "from":"human"                         | Message 2 has two roles or two contents
            assistant | "function_call":{"name":"f"}           | Message 2 calls a tool
            assistant | "refusal":"No."                        | Message 2 has the field "refusal"
            assistant | "channel":"analysis"                   | Message 2 has the field "channel"
            assistant | "recipient":"functions.f"              | Message 2 has the field "recipient"
            assistant | "train_detail":[{"begin_offset":0}]    | Message 2 has the field "train_detail"
            assistant | "reasoning":"a","thinking":"b"         | Message 2 has two different texts of reasoning, in "reasoning" and in "thinking"
            assistant | "reasoning":{"a":1}                    | Message 2 has a reasoning that is an object, not text
            assistant | "reasoning_details":[{"text":"a"}]     | Message 2 has the field "reasoning_details"
            """)
    void setsARowAsideByTheFieldOfAMessageThatItCannotHonour(String role, String field, String reason) {
        // When
        RowOutcome outcome = parse("{'messages':[{'role':'user','content':'Why?'},{'role':'" + role + "','content':'a',"
                + field + "},{'role':'assistant','content':'Because.'}]}");

        // Then
        assertThat(outcome).isInstanceOfSatisfying(RowOutcome.Rejected.class, rejected -> {
            assertThat(rejected.row().reason()).startsWith(reason);
            assertThat(rejected.row().kind()).startsWith("A message ").doesNotContain("Message 2", "0.5", "-1");
        });
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            `{'a': 1}`        | names and texts must stand in double quotes
            `{"a": None}`     | words that are not in double quotes
            `{"a": Infinity}` | NaN or Infinity
            `{"a": "b"`       | it breaks off before its end
            `{"a": "b\\c"}`   | a backslash
            `{"a": "b\tc"}`   | a raw control character
            `{"a": "b",}`     | a comma too many
            `{"a": 1} {}`     | more than one value stands on it
            `{"a" "b"}`       | check quotes, commas and brackets
            """)
    void saysInTheWordsOfAUserWhatIsWrongWithJson(String line, String reason) {
        // When
        RowOutcome outcome = parser.parse(new Line.Text(7, line), LossRegion.ALL);

        // Then
        assertThat(outcome).isInstanceOfSatisfying(RowOutcome.Rejected.class, rejected -> {
            assertThat(rejected.row().reason())
                    .startsWith("The line is not valid JSON at column ")
                    .contains(reason)
                    .doesNotContain("Feature", "JsonNode", "token", "code ");
            assertThat(rejected.row().kind()).doesNotContain("column");
        });
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
                arguments("{'prompt':'a','completion':null}", "\"completion\" is null"),
                arguments("{'prompt':'a','completion':'<think>only</think>  '}", "no answer behind its reasoning"),
                arguments("{'prompt':'a','completion':'<think>never closed'}", "one <think>…</think>"),
                arguments("{'prompt':'\\ud83d','completion':'b'}", "half of a surrogate pair"),
                arguments("{'instruction':'a','input':[1],'output':'b'}", "\"input\" must be text, not a list"),
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
        RowOutcome outcome = parser.parse(new Line.Text(7, "{\"prompt\":" + "[".repeat(depth)), LossRegion.ALL);

        // Then
        assertThat(outcome).isInstanceOf(RowOutcome.Rejected.class);
    }

    @Test
    void passesOnWhyALineCannotBeRead() {
        // When
        RowOutcome outcome = parser.parse(new Line.Unreadable(3, "The line is too long."), LossRegion.ALL);

        // Then
        assertThat(outcome).isEqualTo(new RowOutcome.Rejected(RejectedRow.of(3, "The line is too long.")));
    }

    private RowOutcome parse(String row) {
        return parser.parse(new Line.Text(7, row.replace('\'', '"')), LossRegion.ALL);
    }
}

package io.lorica.llm.train;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

import io.lorica.contracts.chat.Message;
import io.lorica.contracts.chat.Role;
import io.lorica.contracts.dataset.TrainingExample;
import io.lorica.contracts.job.LossRegion;
import io.lorica.contracts.job.OverLength;
import io.lorica.contracts.template.PromptTemplate;
import io.lorica.llm.testing.TinyModel;
import io.lorica.llm.tokenizer.Tokenizer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/// The tokens that are learned of a conversation of several turns, under each choice of a job.
class LearnedMessagesTest {

    private static final PromptTemplate TEMPLATE = PromptTemplate.REFERENCE_EN;
    private static final List<Message> CONVERSATION = List.of(
            Message.of(Role.SYSTEM, "Be brief."),
            Message.of(Role.USER, "1+1?"),
            new Message(Role.ASSISTANT, "2", "Add them."),
            Message.of(Role.USER, "And 2 more?"),
            new Message(Role.ASSISTANT, "4", "Add two."));
    // One token for each byte.
    private static final String FIRST = "\nAdd them.\n</think>\n2";
    private static final String SECOND = "\nAdd two.\n</think>\n4";

    @TempDir
    private Path directory;

    private Tokenizer tokenizer;

    @BeforeEach
    void openTokenizer() throws IOException {
        tokenizer = Tokenizer.open(TinyModel.qwen2().write(directory));
    }

    @AfterEach
    void closeTokenizer() {
        tokenizer.close();
    }

    @Test
    void learnsEachAnswerBehindThePromptThatServingSends() {
        // When
        List<TokenizedExample> examples =
                List.of(example(LossRegion.ALL, CONVERSATION.subList(0, 3)), example(LossRegion.ALL, CONVERSATION));

        // Then
        assertThat(examples).extracting(this::learned).containsExactly(FIRST, SECOND);
        assertThat(examples)
                .extracting(this::given)
                .containsExactly(
                        TEMPLATE.prompt(CONVERSATION.subList(0, 2)), TEMPLATE.prompt(CONVERSATION.subList(0, 4)));
        assertThat(given(examples.getLast())).contains("2").doesNotContain("Add them.");
        assertThat(examples)
                .extracting(TokenizedExample::learned)
                .containsExactly(FIRST.length() + 1, SECOND.length() + 1);
    }

    @Test
    void learnsTheLastAnswerAlone() {
        // When
        TokenizedExample example = example(LossRegion.LAST, CONVERSATION);

        // Then
        assertThat(learned(example)).isEqualTo(SECOND);
    }

    @Test
    void learnsThePromptTooFromItsSecondTokenOn() {
        // When
        TokenizedExample example = example(LossRegion.FULL, CONVERSATION);

        // Then
        String text = TEMPLATE.prompt(CONVERSATION.subList(0, 4)) + SECOND;
        assertThat(learned(example)).isEqualTo(text.substring(1));
    }

    @ParameterizedTest
    @EnumSource(names = {"ALL", "LAST"})
    void learnsARowOfOneQuestionAsItAlwaysHas(LossRegion region) {
        // When
        TokenizedExample example = example(region, CONVERSATION.subList(0, 3));

        // Then
        assertThat(learned(example)).isEqualTo(FIRST);
        assertThat(example.tokens()).endsWith(tokenizer.eosId());
    }

    private TokenizedExample example(LossRegion region, List<Message> conversation) {
        TrainingExample row = TrainingExample.of(1, Map.of(), TEMPLATE.render(conversation, TinyModel.EOS));
        EncodedRow encoded = new ExampleTokenizer(tokenizer, TinyModel.EOS).encode(row);
        return new RowFitting(OverLength.RAISE, region, 4096)
                .fit(encoded)
                .examples()
                .getFirst();
    }

    private String given(TokenizedExample example) {
        return text(Arrays.copyOf(example.tokens(), example.promptLength()));
    }

    private String learned(TokenizedExample example) {
        int[] learned = Arrays.copyOfRange(example.tokens(), example.learnedFrom(), example.tokens().length);
        assertThat(learned).endsWith(tokenizer.eosId());
        return text(Arrays.copyOf(learned, learned.length - 1));
    }

    // The tokens are the bytes of the text, which is ASCII here.
    private static String text(int[] tokens) {
        return IntStream.of(tokens)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }
}

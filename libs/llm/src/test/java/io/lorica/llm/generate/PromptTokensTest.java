package io.lorica.llm.generate;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

class PromptTokensTest {

    private static final int CONTEXT = 1000;

    private final PromptTokens prompts = new PromptTokens(this::encode, this::encode, CONTEXT);
    private long characters;
    private long brokenCharacters;

    @Test
    void refusesWhatIsFarTooLongAfterItsBeginning() {
        // When
        ProductException failure = refusal("a".repeat(7_000_000));

        // Then
        assertThat(failure.code()).isEqualTo(ErrorCode.CONTEXT_LENGTH_EXCEEDED);
        assertThat(failure.detail()).contains("7000000 characters", "more than 2000 tokens", "Shorten it");
        assertThat(characters).isLessThanOrEqualTo(PromptTokens.SLICE);
    }

    @Test
    void countsWhatIsALittleTooLong() {
        assertThat(refusal("a".repeat(CONTEXT)).detail()).contains("has 1000 tokens");
    }

    @Test
    void takesALongTextOfFewTokens() {
        // Given: spaces, of which 128 are one token
        String spaces = " ".repeat(128 * (CONTEXT - 1));

        // When
        int[] tokens = prompts.of(spaces);

        // Then
        assertThat(tokens).hasSize(CONTEXT - 1);
    }

    @Test
    void cutsNoCharacterInTwo() {
        // Given: each is two chars, one token, and none begins where a slice would end
        String text = "b" + "\uD83D\uDE00".repeat(900) + " ".repeat(PromptTokens.SLICE);
        String shifted = " ".repeat(PromptTokens.SLICE - 1) + text;

        // When
        refusalOrNone(shifted);

        // Then
        assertThat(brokenCharacters).isZero();
    }

    @Test
    void refusesAnEmptyPrompt() {
        assertThat(refusal("").code()).isEqualTo(ErrorCode.INVALID_REQUEST);
    }

    private void refusalOrNone(String prompt) {
        try {
            prompts.of(prompt);
        } catch (ProductException e) {
            assertThat(e.code()).isEqualTo(ErrorCode.CONTEXT_LENGTH_EXCEEDED);
        }
    }

    private ProductException refusal(String prompt) {
        return catchThrowableOfType(ProductException.class, () -> prompts.of(prompt));
    }

    /// A token for each character and for each 128 spaces; notes what it is asked for.
    private int[] encode(String text) {
        characters += text.length();
        brokenCharacters += text.codePoints()
                .filter(point -> Character.getType(point) == Character.SURROGATE)
                .count();
        long spaces = text.chars().filter(character -> character == ' ').count();
        long others = text.codePoints().filter(point -> point != ' ').count();
        return new int[(int) (others + (spaces + 127) / 128)];
    }
}

package io.lorica.inference.api;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.inference.engine.TokenStream;
import io.lorica.inference.engine.TokenStreams;
import io.lorica.inference.reasoning.ReasoningSplitter.Kind;
import io.lorica.inference.reasoning.ReasoningSplitter.Piece;
import io.lorica.llm.generate.StopReason;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

class AnswerReaderTest {

    @Test
    void countsTokensOfReasoningAndAnswer() throws InterruptedException {
        // Given
        Piece thought = new Piece(Kind.REASONING, "hm");
        Piece answer = new Piece(Kind.ANSWER, "yes");
        AnswerReader reader = new AnswerReader(TokenStreams.of(
                TokenStreams.begun(7),
                TokenStreams.token(true, thought),
                TokenStreams.token(true),
                TokenStreams.token(false, answer),
                TokenStreams.last(StopReason.STOP, false)));

        // When
        List<Piece> pieces = readAll(reader);

        // Then
        assertThat(pieces).containsExactly(thought, answer);
        assertThat(reader.finishReason()).isEqualTo("stop");
        assertThat(reader.usage()).isEqualTo(ChatUsage.of(7, 4, 2));
        assertThat(reader.usage().totalTokens()).isEqualTo(11);
    }

    @Test
    void namesTheLimitOfAnAnswerThatWasCut() throws InterruptedException {
        // Given
        AnswerReader reader =
                new AnswerReader(TokenStreams.of(TokenStreams.begun(1), TokenStreams.last(StopReason.LENGTH, true)));

        // When
        readAll(reader);

        // Then
        assertThat(reader.finishReason()).isEqualTo("length");
    }

    @ParameterizedTest
    @CsvSource({
        "CONTEXT_LENGTH_EXCEEDED, messages",
        "INVALID_REQUEST, messages",
        "UNSUPPORTED_MODEL, model",
        "OUT_OF_MEMORY, "
    })
    void namesTheParameterBehindAFailureOfTheEngine(ErrorCode code, String parameter) {
        // Given
        AnswerReader reader = failing(ProductException.of(code, "Do this."));

        // When
        ProductException failure =
                catchThrowableOfType(ProductException.class, () -> reader.awaitBeginning(Duration.ZERO));

        // Then
        assertThat(failure.code()).isEqualTo(code);
        assertThat(failure.parameter()).isEqualTo(parameter);
        assertThat(failure.detail()).isEqualTo("Do this.");
    }

    @Test
    void keepsAParameterThatIsNamed() {
        // Given
        AnswerReader reader = failing(ProductException.forParameter(ErrorCode.INVALID_REQUEST, "stop", "Do this."));

        // When
        ProductException failure =
                catchThrowableOfType(ProductException.class, () -> reader.awaitBeginning(Duration.ZERO));

        // Then
        assertThat(failure.parameter()).isEqualTo("stop");
    }

    @Test
    void saysThatNothingCameInTime() throws InterruptedException {
        // Given
        TokenStream stream = TokenStreams.of();
        AnswerReader reader = new AnswerReader(stream);

        // When
        var pieces = reader.next(Duration.ofMillis(1));
        reader.abandon();

        // Then
        assertThat(pieces).isEmpty();
        assertThat(reader.ended()).isFalse();
        assertThatIllegalStateException().isThrownBy(reader::finishReason);
        assertThat(TokenStreams.abandoned(stream)).isTrue();
    }

    private static AnswerReader failing(ProductException failure) {
        return new AnswerReader(TokenStreams.of(TokenStreams.failed(failure)));
    }

    private static List<Piece> readAll(AnswerReader reader) throws InterruptedException {
        List<Piece> pieces = new ArrayList<>();
        while (!reader.ended()) {
            pieces.addAll(reader.next(Duration.ZERO).orElseThrow());
        }
        return pieces;
    }
}

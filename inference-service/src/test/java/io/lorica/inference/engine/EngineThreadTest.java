package io.lorica.inference.engine;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.id.BaseModelId;
import io.lorica.inference.Settings;
import io.lorica.llm.generate.Sampling;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

class EngineThreadTest {

    private static final BaseModelId BASE = new BaseModelId("/models/one");
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final int ENDLESS = Integer.MAX_VALUE;

    private final ScriptedModel model = new ScriptedModel();
    private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
    private EngineThread engine = engine(directory -> model);

    @AfterEach
    void stop() {
        engine.stop(new ShutdownEvent());
    }

    @Test
    void answersWithTokensUntilTheLimit() throws InterruptedException {
        // Given
        engine.start(new StartupEvent());

        // When
        List<TokenStream.Item> items = read(ask("count <think>\n", 3));

        // Then
        assertThat(items.getFirst()).isEqualTo(new TokenStream.Item.Begun(14, true));
        assertThat(items).filteredOn(TokenStream.Item.Token.class::isInstance).hasSize(3);
        assertThat(engine.loadedModels()).containsExactly(BASE);
        assertThat(metrics.counter("lorica.tokens.generated").count()).isEqualTo(3);
    }

    @Test
    void letsAnswersTakeTurns() throws InterruptedException {
        // Given
        TokenStream endless = ask("first", ENDLESS);
        engine.start(new StartupEvent());

        // When
        List<TokenStream.Item> second = read(ask("second", 5));

        // Then
        assertThat(second).hasSize(6);
        await().atMost(PATIENCE).until(() -> model.open.get() == 1);
        endless.abandon();
    }

    @Test
    void dropsAnAnswerThatNobodyReads() throws InterruptedException {
        // Given
        engine.start(new StartupEvent());
        TokenStream endless = ask("first", ENDLESS);
        assertThat(endless.next(PATIENCE)).isPresent();

        // When
        endless.abandon();

        // Then
        await().atMost(PATIENCE).until(() -> model.open.get() == 0);
    }

    @Test
    void neverBeginsAnAnswerThatNobodyWaitsFor() throws InterruptedException {
        // Given
        TokenStream abandoned = ask("first", ENDLESS);
        abandoned.abandon();

        // When
        engine.start(new StartupEvent());
        read(ask("second", 1));

        // Then
        assertThat(abandoned.next(Duration.ZERO)).isEmpty();
    }

    @Test
    void goesOnAfterAQuestionThatFails() throws InterruptedException {
        // Given
        engine.start(new StartupEvent());

        // When
        List<TokenStream.Item> broken = read(ask(ScriptedModel.BROKEN, 3));
        List<TokenStream.Item> brokenOff = read(ask(ScriptedModel.BREAKS_OFF, 3));
        List<TokenStream.Item> good = read(ask("good", 3));

        // Then
        assertThat(failure(broken)).isEqualTo(ErrorCode.INTERNAL_ERROR);
        assertThat(failure(brokenOff)).isEqualTo(ErrorCode.INTERNAL_ERROR);
        assertThat(brokenOff).hasSize(3);
        assertThat(good).hasSize(4);
        await().atMost(PATIENCE).until(() -> model.open.get() == 0);
    }

    @Test
    void tellsWhyAModelCannotBeLoaded() throws InterruptedException {
        // Given
        engine = engine(directory -> {
            throw ProductException.of(ErrorCode.UNSUPPORTED_MODEL, "No such architecture.");
        });
        engine.start(new StartupEvent());

        // When
        List<TokenStream.Item> items = read(ask("hello", 1));

        // Then
        assertThat(failure(items)).isEqualTo(ErrorCode.UNSUPPORTED_MODEL);
        assertThat(engine.loadedModels()).isEmpty();
        assertThat(engine.alive()).isTrue();
    }

    @Test
    void turnsAwayWhatNoLongerFitsIntoTheQueue() {
        // Given
        ask("first", 1);
        ask("second", 1);

        // When
        ProductException failure = catchThrowableOfType(ProductException.class, () -> ask("third", 1));

        // Then
        assertThat(failure.code()).isEqualTo(ErrorCode.RATE_LIMIT_EXCEEDED);
        assertThat(failure.detail()).startsWith("2 requests are waiting");
    }

    @Test
    void aModelInUseKeepsAnotherWaiting() throws InterruptedException {
        // Given
        TokenStream first = ask("first", ENDLESS);
        TokenStream other = new TokenStream();
        engine.ask(question(new BaseModelId("/models/two"), "second", 1, other));
        engine.start(new StartupEvent());
        assertThat(first.next(PATIENCE)).isPresent();
        assertThat(first.next(PATIENCE)).isPresent();
        assertThat(other.next(Duration.ZERO)).isEmpty();

        // When
        first.abandon();

        // Then
        assertThat(read(other)).hasSize(2);
    }

    @Test
    void tellsEveryoneThatItShutsDown() throws InterruptedException {
        // Given
        TokenStream active = ask("first", ENDLESS);
        engine.start(new StartupEvent());
        assertThat(active.next(PATIENCE)).isPresent();

        // When
        engine.stop(new ShutdownEvent());
        TokenStream late = ask("late", 1);

        // Then
        assertThat(failure(read(active))).isEqualTo(ErrorCode.SERVICE_UNAVAILABLE);
        assertThat(failure(read(late))).isEqualTo(ErrorCode.SERVICE_UNAVAILABLE);
        assertThat(model.open).hasValue(0);
        assertThat(model.closed).isTrue();
        assertThat(engine.alive()).isFalse();
    }

    @Test
    void isNoLongerAliveWhenItsThreadBreaksDown() throws InterruptedException {
        // Given
        engine = engine(directory -> {
            throw new AssertionError("scripted");
        });
        TokenStream waiting = ask("first", 1);
        TokenStream behind = ask("second", 1);

        // When
        engine.start(new StartupEvent());

        // Then
        await().atMost(PATIENCE).until(() -> !engine.alive());
        assertThat(failure(read(behind))).isEqualTo(ErrorCode.SERVICE_UNAVAILABLE);
        assertThat(failure(read(waiting))).isEqualTo(ErrorCode.SERVICE_UNAVAILABLE);
    }

    private EngineThread engine(ModelLoader loader) {
        return new EngineThread(Settings.with(Map.of("waiting-sequences", "2")), loader, metrics);
    }

    private TokenStream ask(String prompt, int tokens) {
        TokenStream answer = new TokenStream();
        engine.ask(question(BASE, prompt, tokens, answer));
        return answer;
    }

    private static Question question(BaseModelId base, String prompt, int tokens, TokenStream answer) {
        Sampling sampling = new Sampling(tokens, 0, 1, 0, 1, List.of());
        return new Question(base, Path.of(base.value()), Optional.empty(), _ -> prompt, sampling, answer);
    }

    private static List<TokenStream.Item> read(TokenStream answer) throws InterruptedException {
        List<TokenStream.Item> items = new ArrayList<>();
        while (items.isEmpty() || !ends(items.getLast())) {
            items.add(answer.next(PATIENCE).orElseThrow());
        }
        return items;
    }

    private static boolean ends(TokenStream.Item item) {
        return switch (item) {
            case TokenStream.Item.Begun _ -> false;
            case TokenStream.Item.Token token -> token.token().stop().isPresent();
            case TokenStream.Item.Failed _ -> true;
        };
    }

    private static ErrorCode failure(List<TokenStream.Item> items) {
        return ((TokenStream.Item.Failed) items.getLast()).failure().code();
    }
}

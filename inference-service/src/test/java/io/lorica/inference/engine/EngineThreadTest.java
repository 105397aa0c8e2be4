package io.lorica.inference.engine;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.id.BaseModelId;
import io.lorica.inference.Settings;
import io.lorica.inference.reasoning.AnswerStart;
import io.lorica.inference.reasoning.ReasoningSplitter;
import io.lorica.llm.generate.LanguageModel;
import io.lorica.llm.generate.StopReason;
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
    private static final BaseModelId OTHER = new BaseModelId("/models/two");
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
        assertThat(items.getFirst()).isEqualTo(new TokenStream.Item.Begun(14));
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
    void aModelThatFitsBesideAnotherTakesItsPlaceWithoutWaiting() throws InterruptedException {
        // Given
        ScriptedModel second = new ScriptedModel();
        engine = engine(new Loader(Map.of(BASE.value(), model, OTHER.value(), second), true));
        TokenStream first = ask("first", ENDLESS);
        engine.start(new StartupEvent());
        first.next(PATIENCE);

        // When
        List<TokenStream.Item> other = read(ask(OTHER, "second", 1));
        first.abandon();

        // Then
        assertThat(other).hasSize(2);
        await().atMost(PATIENCE).until(() -> engine.loadedModels().equals(Set.of(OTHER)));
        assertThat(model.closed).isTrue();
    }

    @Test
    void answersGoOnWhileAnotherModelIsLoaded() throws InterruptedException {
        // Given
        CountDownLatch loading = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        engine = engine(
                directory -> {
                    if (!directory.toString().equals(BASE.value())) {
                        loading.countDown();
                        awaitQuietly(go);
                    }
                    return new ScriptedModel();
                },
                Map.of("base-models-in-memory", "2"));
        engine.start(new StartupEvent());
        read(ask("first", 1));
        TokenStream other = ask(OTHER, "second", 1);
        loading.await();

        // When
        List<TokenStream.Item> meanwhile = read(ask("third", 5));
        go.countDown();

        // Then
        assertThat(meanwhile).hasSize(6);
        assertThat(read(other)).hasSize(2);
    }

    @Test
    void aQuestionWhoseModelHasNoRoomHoldsUpNobodyBehindIt() throws InterruptedException {
        // Given
        TokenStream first = ask("first", ENDLESS);
        engine.start(new StartupEvent());
        first.next(PATIENCE);
        TokenStream blocked = ask(OTHER, "second", 1);

        // When
        List<TokenStream.Item> behind = read(ask("third", 5));

        // Then
        assertThat(behind).hasSize(6);
        assertThat(blocked.next(Duration.ZERO)).isEmpty();
        first.abandon();
        assertThat(read(blocked)).hasSize(2);
    }

    @Test
    void aModelThatHasWaitedLongGoesBeforeFurtherQuestions() throws InterruptedException {
        // Given
        engine = engine(directory -> new ScriptedModel(), Map.of("model-patience", "0s"));
        TokenStream first = ask("first", ENDLESS);
        engine.start(new StartupEvent());
        first.next(PATIENCE);
        TokenStream blocked = ask(OTHER, "second", 1);
        await().atMost(PATIENCE).until(engine::starved);
        TokenStream later = ask("third", 1);

        // When
        first.abandon();

        // Then
        assertThat(read(blocked)).hasSize(2);
        assertThat(read(later)).hasSize(2);
    }

    @Test
    void answersGoOnWhileAPromptIsTokenised() throws InterruptedException {
        // Given
        engine.start(new StartupEvent());
        TokenStream running = ask("first", ENDLESS);
        running.next(PATIENCE);
        model.tokenizing = new CountDownLatch(1);
        TokenStream slow = ask("second", 1);

        // When
        for (int i = 0; i < 1000; i++) {
            assertThat(running.next(PATIENCE)).isPresent();
        }

        // Then
        assertThat(slow.next(Duration.ZERO)).isEmpty();
        model.tokenizing.countDown();
        assertThat(read(slow)).hasSize(2);
        running.abandon();
    }

    @Test
    void feedsALongPromptInChunksBetweenTheTokensOfOthers() throws InterruptedException {
        // Given
        engine.start(new StartupEvent());
        TokenStream running = ask("first", ENDLESS);
        running.next(PATIENCE);
        running.next(PATIENCE);

        // When
        read(ask("x".repeat(3 * ScriptedModel.CHUNK + 1), 1));
        running.abandon();

        // Then
        List<String> work = List.copyOf(model.work);
        int start = work.indexOf("feed 64");
        assertThat(work.subList(start, start + 7))
                .containsExactly("feed 64", "token", "feed 64", "token", "feed 64", "token", "feed 1");
    }

    @Test
    void loadsAModelThatNobodyHasAskedYet() {
        // Given
        engine.start(new StartupEvent());

        // When
        engine.load(BASE, () -> Path.of(BASE.value())).join();

        // Then
        await().atMost(PATIENCE).until(() -> engine.loadedModels().equals(Set.of(BASE)));
        assertThat(model.work).isEmpty();
    }

    @Test
    void letsAnswersEndWithinTheGrace() throws InterruptedException {
        // Given
        engine.start(new StartupEvent());
        TokenStream answer = ask("first", 2000);
        answer.next(PATIENCE);

        // When
        engine.drain(PATIENCE);
        List<TokenStream.Item> items = read(answer);

        // Then
        assertThat(((TokenStream.Item.Token) items.getLast()).stop()).contains(StopReason.LENGTH);
        assertThat(engine.draining()).isTrue();
        assertThat(engine.alive()).isTrue();
    }

    @Test
    void endsWhatIsLeftAfterTheGrace() throws InterruptedException {
        // Given
        engine.start(new StartupEvent());
        TokenStream endless = ask("first", ENDLESS);
        endless.next(PATIENCE);

        // When
        engine.drain(Duration.ofMillis(20));

        // Then
        assertThat(failure(read(endless))).isEqualTo(ErrorCode.SERVICE_UNAVAILABLE);
        await().atMost(PATIENCE).until(() -> !engine.alive());
    }

    @Test
    void stopTextsEndTheAnswer() throws InterruptedException {
        // Given
        engine.start(new StartupEvent());
        TokenStream answer = new TokenStream();
        SamplingRequest sampling = new SamplingRequest(ENDLESS, 0.0, null, null, null, null, 1, List.of("3 4"), false);
        engine.ask(new Question(
                BASE,
                () -> Path.of(BASE.value()),
                Optional.empty(),
                _ -> new Prompt("count", AnswerStart.NEW_TURN),
                sampling,
                answer));

        // When
        List<TokenStream.Item> items = read(answer);

        // Then
        String text = items.stream()
                .filter(TokenStream.Item.Token.class::isInstance)
                .flatMap(item -> ((TokenStream.Item.Token) item).pieces().stream())
                .map(ReasoningSplitter.Piece::text)
                .collect(Collectors.joining());
        assertThat(text).isEqualTo("1 2 ");
        assertThat(((TokenStream.Item.Token) items.getLast()).stop()).contains(StopReason.STOP);
        await().atMost(PATIENCE).until(() -> model.open.get() == 0);
        assertThat(metrics.counter("lorica.sequences.ended", "outcome", "stop").count())
                .isEqualTo(1);
        assertThat(metrics.timer("lorica.time.to.first.token").count()).isEqualTo(1);
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
        return engine(loader, Map.of());
    }

    private EngineThread engine(ModelLoader loader, Map<String, String> own) {
        Map<String, String> settings = new HashMap<>(own);
        settings.put("waiting-sequences", "2");
        return new EngineThread(Settings.with(settings), loader, metrics);
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Models by their directories, all of which fit beside others or none.
    private record Loader(Map<String, ScriptedModel> models, boolean fits) implements ModelLoader {

        @Override
        public LanguageModel load(Path directory) {
            return models.get(directory.toString());
        }

        @Override
        public boolean fits(Path directory) {
            return fits;
        }
    }

    private TokenStream ask(BaseModelId base, String prompt, int tokens) {
        TokenStream answer = new TokenStream();
        engine.ask(question(base, prompt, tokens, answer));
        return answer;
    }

    private TokenStream ask(String prompt, int tokens) {
        TokenStream answer = new TokenStream();
        engine.ask(question(BASE, prompt, tokens, answer));
        return answer;
    }

    private static Question question(BaseModelId base, String prompt, int tokens, TokenStream answer) {
        SamplingRequest sampling = new SamplingRequest(tokens, 0.0, null, null, null, null, 1, List.of(), false);
        return new Question(
                base,
                () -> Path.of(base.value()),
                Optional.empty(),
                _ -> new Prompt(prompt, AnswerStart.behind(prompt)),
                sampling,
                answer);
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
            case TokenStream.Item.Token token -> token.stop().isPresent();
            case TokenStream.Item.Failed _ -> true;
        };
    }

    private static ErrorCode failure(List<TokenStream.Item> items) {
        return ((TokenStream.Item.Failed) items.getLast()).failure().code();
    }
}

package io.lorica.models;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import com.fasterxml.jackson.databind.node.MissingNode;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.id.BaseModelId;
import io.lorica.storage.StoreSettings;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

class HubModelsTest {

    private static final BaseModelId MODEL = new BaseModelId("org/model");
    private static final String FIRST = "model-00001-of-00002.safetensors";
    private static final String SECOND = "model-00002-of-00002.safetensors";
    private static final Patience SHORT = patience(Duration.ofMinutes(1), Duration.ofMinutes(1));
    private static final Patience HASTY = patience(Duration.ofSeconds(1), Duration.ofMinutes(1));

    @TempDir
    Path cache;

    private final FakeHub hub = new FakeHub().withModel();

    @AfterEach
    void stop() {
        hub.close();
    }

    @Test
    void bringsTheFilesOfAModelAndNoOthers() throws IOException {
        // When
        Path model = models().fetch(MODEL, FetchProgress.silent());

        // Then
        assertThat(model.resolve(FIRST)).hasBinaryContent(hub.content(FIRST));
        assertThat(model.resolve(SECOND)).hasBinaryContent(hub.content(SECOND));
        assertThat(model.resolve("config.json")).hasBinaryContent(hub.content("config.json"));
        assertThat(visible(model))
                .containsExactlyInAnyOrder(FIRST, SECOND, "config.json", "tokenizer.json", "tokenizer_config.json");
    }

    @Test
    void leavesOtherFormsOfTheSameWeightsWhereTheyAre() throws IOException {
        // Given
        hub.with("consolidated.safetensors", "x")
                .with("onnx/model.safetensors", "x")
                .with("pytorch_model.bin", "x");

        // When
        Path model = models().fetch(MODEL, FetchProgress.silent());

        // Then
        assertThat(visible(model)).doesNotContain("consolidated.safetensors", "onnx", "pytorch_model.bin");
    }

    @Test
    void readsTheProfileWithoutTheWeights() {
        // When
        BaseModelProfile profile = models().profile(MODEL);

        // Then
        assertThat(profile)
                .usingRecursiveComparison()
                .ignoringFields("config")
                .isEqualTo(new BaseModelProfile("Qwen2ForCausalLM", "<|im_end|>", 4096, MissingNode.getInstance()));
        assertThat(hub.seen(".safetensors")).isEmpty();
    }

    @Test
    void showsTheTokenToTheHubAndToNobodyElse() {
        // When
        models(Optional.of("hf_secret"), Map.of()).fetch(MODEL, FetchProgress.silent());

        // Then
        assertThat(hub.seen())
                .filteredOn(request -> request.place().equals("hub"))
                .allMatch(request -> request.authorization().equals("Bearer hf_secret"));
        assertThat(hub.seen())
                .filteredOn(request -> request.place().equals("cdn"))
                .hasSize(2)
                .allMatch(request -> request.authorization().equals("null"));
    }

    @Test
    void goesOnWhereAConnectionBroke() {
        // Given
        hub.next(FIRST, new FakeHub.Cut(100_000), new FakeHub.Cut(50_000));

        // When
        Path model = models().fetch(MODEL, FetchProgress.silent());

        // Then
        assertThat(model.resolve(FIRST)).hasBinaryContent(hub.content(FIRST));
        assertThat(hub.seen("/" + FIRST))
                .filteredOn(request -> request.place().equals("cdn"))
                .extracting(FakeHub.Seen::range)
                .containsExactly("null", "bytes=100000-", "bytes=150000-");
    }

    @Test
    void aFileThatKeepsArrivingMayBreakOffMoreOftenThanItMayFail() {
        // Given
        hub.next(
                FIRST,
                new FakeHub.Cut(40_000),
                new FakeHub.Cut(40_000),
                new FakeHub.Cut(40_000),
                new FakeHub.Cut(40_000),
                new FakeHub.Cut(40_000));

        // When
        Path model = models().fetch(MODEL, FetchProgress.silent());

        // Then
        assertThat(model.resolve(FIRST)).hasBinaryContent(hub.content(FIRST));
    }

    @Test
    void goesOnWhereAnEarlierProcessStopped() throws IOException {
        // Given
        Path model = Files.createDirectories(cache.resolve("hub/org--model").resolve(FakeHub.COMMIT));
        Files.writeString(model.resolve(FIRST + ".part"), "a".repeat(1_000));

        // When
        models().fetch(MODEL, FetchProgress.silent());

        // Then
        assertThat(model.resolve(FIRST)).hasBinaryContent(hub.content(FIRST));
        assertThat(hub.seen("/" + FIRST)).extracting(FakeHub.Seen::range).containsOnly("bytes=1000-");
    }

    @Test
    void beginsAnewWhenAServerIgnoresThePartAskedFor() {
        // Given
        hub.next(FIRST, new FakeHub.Cut(100_000), new FakeHub.Whole());
        Queue<Long> reported = new ConcurrentLinkedQueue<>();

        // When
        Path model = models().fetch(MODEL, (_, done, _) -> reported.add(done));

        // Then
        assertThat(model.resolve(FIRST)).hasBinaryContent(hub.content(FIRST));
        assertThat(reported).allMatch(done -> done <= total());
    }

    @Test
    void givesUpAConnectionThatFallsSilent() {
        // Given
        hub.next(FIRST, new FakeHub.Silent(10_000));
        CachedBaseModels hasty = models(Optional.empty(), Map.of(), HASTY);

        // When
        Path model = hasty.fetch(MODEL, FetchProgress.silent());

        // Then
        assertThat(model.resolve(FIRST)).hasBinaryContent(hub.content(FIRST));
    }

    @Test
    void fetchesAgainWhatAnEarlierProcessLeftDamaged() throws IOException {
        // Given
        Path model = Files.createDirectories(cache.resolve("hub/org--model").resolve(FakeHub.COMMIT));
        Files.writeString(model.resolve(FIRST + ".part"), "z".repeat(300_000));

        // When
        models().fetch(MODEL, FetchProgress.silent());

        // Then
        assertThat(model.resolve(FIRST)).hasBinaryContent(hub.content(FIRST));
    }

    @Test
    void refusesALargeFileThatArrivesDamagedTwice() {
        // Given
        hub.damage(FIRST);

        // When
        ProductException failure = failure(() -> models().fetch(MODEL, FetchProgress.silent()));

        // Then
        assertThat(failure.code()).isEqualTo(ErrorCode.DIGEST_MISMATCH);
        assertThat(failure.detail()).contains(FIRST, "damaged");
    }

    @Test
    void refusesASmallFileThatDiffersFromItsGitObject() {
        // Given
        hub.damage("tokenizer.json");

        // When
        ProductException failure = failure(() -> models().fetch(MODEL, FetchProgress.silent()));

        // Then
        assertThat(failure.code()).isEqualTo(ErrorCode.DIGEST_MISMATCH);
        assertThat(failure.detail()).contains("tokenizer.json");
    }

    @Test
    void takesADamagedModelAnewOnceTheHubIsMended() {
        // Given
        hub.damage(FIRST);
        failure(() -> models().fetch(MODEL, FetchProgress.silent()));
        hub.mend(FIRST);

        // When
        Path model = models().fetch(MODEL, FetchProgress.silent());

        // Then
        assertThat(model.resolve(FIRST)).hasBinaryContent(hub.content(FIRST));
    }

    @Test
    void namesTheTermsAndTheTokenOfAGatedModel() {
        // Given
        hub.next("config.json", new FakeHub.Refused(403, Map.of("X-Error-Code", "GatedRepo")));

        // When
        ProductException failure = failure(() -> models().fetch(MODEL, FetchProgress.silent()));

        // Then
        assertThat(failure.code()).isEqualTo(ErrorCode.MODEL_NOT_FOUND);
        assertThat(failure.parameter()).isEqualTo("model");
        assertThat(failure.detail()).contains("accept its terms", hub.address() + "/org/model", "Set HF_TOKEN");
    }

    @Test
    void saysThatTheTokenMayNotReadAPrivateModel() {
        // Given
        hub.next("api", new FakeHub.Refused(401, Map.of()));

        // When
        ProductException failure =
                failure(() -> models(Optional.of("hf_secret"), Map.of()).fetch(MODEL, FetchProgress.silent()));

        // Then
        assertThat(failure.detail()).contains("token in HF_TOKEN may read it").doesNotContain("hf_secret");
    }

    @Test
    void namesAModelThatTheHubDoesNotHave() {
        // When
        ProductException failure = failure(() -> models().profile(new BaseModelId("org/other@v2")));

        // Then
        assertThat(failure.code()).isEqualTo(ErrorCode.MODEL_NOT_FOUND);
        assertThat(failure.detail()).contains("org/other", "v2", hub.address().toString());
    }

    @Test
    void waitsAsLongAsABusyHubAsks() {
        // Given
        hub.next(
                "api",
                new FakeHub.Refused(429, Map.of("Retry-After", "1")),
                new FakeHub.Refused(429, Map.of("RateLimit", "\"api\";r=0;t=1")));
        long start = System.nanoTime();

        // When
        models().profile(MODEL);

        // Then
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(Duration.ofSeconds(2));
    }

    @Test
    void repeatsWhatFailsByChance() {
        // Given
        hub.next("api", new FakeHub.Refused(503, Map.of()), new FakeHub.Refused(500, Map.of()));
        hub.next(FIRST, new FakeHub.Refused(502, Map.of()));

        // When
        Path model = models().fetch(MODEL, FetchProgress.silent());

        // Then
        assertThat(model.resolve(FIRST)).exists();
    }

    @Test
    void givesUpAHubThatStaysBroken() {
        // Given
        FakeHub.Refused broken = new FakeHub.Refused(503, Map.of());
        hub.next("api", broken, broken, broken, broken);

        // When
        ProductException failure = failure(() -> models().profile(MODEL));

        // Then
        assertThat(failure.code()).isEqualTo(ErrorCode.HUB_UNAVAILABLE);
        assertThat(failure.detail()).contains("HTTP 503", "HF_ENDPOINT");
        assertThat(hub.seen()).hasSize(3);
    }

    @Test
    void reportsEveryByteOnce() {
        // Given
        Queue<Long> reported = new ConcurrentLinkedQueue<>();
        hub.next(SECOND, new FakeHub.Cut(70_000));

        // When
        models().fetch(MODEL, (_, done, total) -> {
            assertThat(total).isEqualTo(total());
            reported.add(done);
        });

        // Then
        assertThat(reported.stream().mapToLong(done -> done).max()).hasValue(total());
    }

    @Test
    void whatIsHereNeedsNoHub() {
        // Given
        Path model = models().fetch(MODEL, FetchProgress.silent());
        hub.close();

        // When
        Path again = models().fetch(MODEL, FetchProgress.silent());
        BaseModelProfile profile = models().profile(MODEL);

        // Then
        assertThat(again).isEqualTo(model);
        assertThat(profile.architecture()).isEqualTo("Qwen2ForCausalLM");
    }

    @Test
    void whatIsHereDoesNotWaitForAHubThatHangs() {
        // Given
        Path model = models().fetch(MODEL, FetchProgress.silent());
        hub.next("api", new FakeHub.Hanging(), new FakeHub.Hanging(), new FakeHub.Hanging());

        // When
        long start = System.nanoTime();
        Path fetched = models().fetch(MODEL, FetchProgress.silent());
        Optional<Path> here = models().here(MODEL);
        BaseModelProfile profile = models().profile(MODEL);

        // Then
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
        assertThat(fetched).isEqualTo(model);
        assertThat(here).contains(model);
        assertThat(profile.architecture()).isEqualTo("Qwen2ForCausalLM");
    }

    @Test
    void aBranchThatHasMovedIsFetchedInTheBackgroundForTheNextTime() {
        // Given
        Path old = models().fetch(MODEL, FetchProgress.silent());
        hub.with("config.json", "{\"architectures\":[\"Qwen3ForCausalLM\"]}").moveTo("f".repeat(40));

        // When
        BaseModelProfile first = models().profile(MODEL);

        // Then
        assertThat(first.architecture()).isEqualTo("Qwen2ForCausalLM");
        await().atMost(Duration.ofMinutes(1))
                .until(() -> !models().fetch(MODEL, FetchProgress.silent()).equals(old));
        assertThat(models().profile(MODEL).architecture()).isEqualTo("Qwen3ForCausalLM");
    }

    @Test
    void nothingIsHereBeforeItIsFetched() {
        assertThat(models().here(MODEL)).isEmpty();
        assertThat(hub.seen()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {401, 403, 404})
    void takesADefiniteAnswerForOne(int status) {
        // Given
        hub.next("api", new FakeHub.Refused(status, Map.of("X-Error-Code", "RepoNotFound")));

        // When
        long start = System.nanoTime();
        ProductException failure = failure(
                () -> models(Optional.empty(), Map.of(), Patience.usual()).profile(MODEL));

        // Then
        assertThat(failure.code()).isEqualTo(ErrorCode.MODEL_NOT_FOUND);
        assertThat(hub.seen()).hasSize(1);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
    }

    @Test
    void givesUpAHubThatCannotBeReachedWithinSeconds() {
        // Given
        hub.close();

        // When
        long start = System.nanoTime();
        ProductException failure = failure(
                () -> models(Optional.empty(), Map.of(), Patience.usual()).profile(MODEL));

        // Then
        assertThat(failure.code()).isEqualTo(ErrorCode.HUB_UNAVAILABLE);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
    }

    @Test
    void givesUpAHubThatHangs() {
        // Given
        hub.next("api", new FakeHub.Hanging(), new FakeHub.Hanging(), new FakeHub.Hanging());
        Patience patience = patience(Duration.ofMinutes(1), Duration.ofMillis(500));

        // When
        long start = System.nanoTime();
        ProductException failure =
                failure(() -> models(Optional.empty(), Map.of(), patience).profile(MODEL));

        // Then
        assertThat(failure.code()).isEqualTo(ErrorCode.HUB_UNAVAILABLE);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));
    }

    @Test
    void aCommitThatIsHereIsNotAskedForAgain() {
        // Given
        BaseModelId pinned = new BaseModelId("org/model@" + FakeHub.COMMIT);
        models().fetch(pinned, FetchProgress.silent());
        int before = hub.seen().size();

        // When
        models().fetch(pinned, FetchProgress.silent());

        // Then
        assertThat(hub.seen()).hasSize(before);
    }

    @Test
    void aHalfFetchedModelIsNotTakenForWhole() {
        // Given
        FakeHub.Refused broken = new FakeHub.Refused(500, Map.of());
        hub.next(SECOND, broken, broken, broken);
        failure(() -> models().fetch(MODEL, FetchProgress.silent()));

        // When
        Path model = models().fetch(MODEL, FetchProgress.silent());

        // Then
        assertThat(model.resolve(SECOND)).hasBinaryContent(hub.content(SECOND));
    }

    @Test
    void twoAskersFetchOnce() throws Exception {
        // Given
        try (ExecutorService askers = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Path> one = askers.submit(() -> models().fetch(MODEL, FetchProgress.silent()));
            Future<Path> other = askers.submit(() -> models().fetch(MODEL, FetchProgress.silent()));

            // When
            one.get();
            other.get();
        }

        // Then
        assertThat(hub.seen("/" + FIRST))
                .filteredOn(request -> request.place().equals("cdn"))
                .hasSize(1);
    }

    @Test
    void refusesPickledWeights() {
        // Given
        hub.remove(FIRST);
        hub.remove(SECOND);
        hub.with("pytorch_model.bin", "x");

        // When
        ProductException failure = failure(() -> models().profile(MODEL));

        // Then
        assertThat(failure.code()).isEqualTo(ErrorCode.UNSUPPORTED_MODEL);
        assertThat(failure.detail()).contains("pickled");
    }

    @Test
    void namesAFileThatTheModelLacks() {
        // Given
        hub.remove("tokenizer.json");

        // When
        ProductException failure = failure(() -> models().profile(MODEL));

        // Then
        assertThat(failure.detail()).contains("has no tokenizer.json");
    }

    @Test
    void goesThroughTheProxyOfTheEnvironment() {
        // Given
        CachedBaseModels models = new CachedBaseModels(
                settings(URI.create("http://hub.invalid"), Optional.of("hf_secret")),
                new HubConnection(
                        URI.create("http://hub.invalid"),
                        Optional.of("hf_secret"),
                        Map.of("http_proxy", hub.authority()),
                        SHORT),
                new BackgroundRefresh(Duration.ZERO));

        // When
        models.profile(MODEL);

        // Then
        assertThat(hub.seen()).isNotEmpty();
    }

    private long total() {
        return List.of(FIRST, SECOND, "config.json", "tokenizer.json", "tokenizer_config.json").stream()
                .mapToLong(name -> hub.content(name).length)
                .sum();
    }

    private CachedBaseModels models() {
        return models(Optional.empty(), Map.of());
    }

    private CachedBaseModels models(Optional<String> token, Map<String, String> environment) {
        return models(token, environment, SHORT);
    }

    private CachedBaseModels models(Optional<String> token, Map<String, String> environment, Patience patience) {
        return new CachedBaseModels(
                settings(hub.address(), token),
                new HubConnection(hub.address(), token, environment, patience),
                new BackgroundRefresh(Duration.ZERO));
    }

    private static Patience patience(Duration silence, Duration total) {
        return new Patience(3, Duration.ofMillis(5), Duration.ofMillis(20), Duration.ofSeconds(2), silence, total);
    }

    private ModelsSettings settings(URI address, Optional<String> token) {
        return new ModelsSettings(
                cache,
                address,
                token,
                new StoreSettings(cache.resolve("store").toUri(), "key", "secret", "us-east-1", "lorica"));
    }

    private static ProductException failure(ThrowingCallable call) {
        return assertThatExceptionOfType(ProductException.class)
                .isThrownBy(call)
                .actual();
    }

    private static List<String> visible(Path directory) throws IOException {
        try (var files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> !name.startsWith("."))
                    .toList();
        }
    }
}

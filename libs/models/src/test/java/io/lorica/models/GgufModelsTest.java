package io.lorica.models;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import com.fasterxml.jackson.databind.node.MissingNode;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.id.BaseModelId;
import io.lorica.storage.DirectoryObjectStore;
import io.lorica.storage.ObjectKey;
import io.lorica.storage.StoreSettings;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/// Models in one GGUF file, wherever it is.
class GgufModelsTest {

    private static final BaseModelProfile PROFILE =
            new BaseModelProfile("LlamaForCausalLM", "<end>", 512, MissingNode.getInstance());

    @TempDir
    Path folder;

    private final FakeHub hub = new FakeHub();
    private byte[] tiny;

    @BeforeEach
    void write() {
        tiny = TinyGguf.bytes(folder, 64);
    }

    @AfterEach
    void stop() {
        hub.close();
    }

    @ParameterizedTest
    @CsvSource({
        "org/model/sub/Q8_0.gguf,                                          sub/Q8_0.gguf",
        "org/model/sub/Q8_0.gguf@v1,                                       sub/Q8_0.gguf",
        "org/model/Q8_0.GGUF@0123456789abcdef0123456789abcdef01234567,     Q8_0.GGUF"
    })
    void bringsTheFileThatIsNamedAndNoOther(String name, String file) {
        // Given
        hub.withModel().with("sub/Q8_0.gguf", tiny).with("Q8_0.GGUF", tiny).with("Q4_0.gguf", "not asked for");

        // When
        Path model = models().fetch(new BaseModelId(name), FetchProgress.silent());

        // Then
        assertThat(model).hasBinaryContent(tiny).endsWith(Path.of(file));
        assertThat(hub.seen("Q4_0.gguf")).isEmpty();
        assertThat(hub.seen(".safetensors")).isEmpty();
    }

    @Test
    void readsTheProfileOfAHubFileFromItsHeader() {
        // Given: longer than what is read of a header at once
        byte[] large = TinyGguf.bytes(folder, 1 << 20);
        hub.with("tiny.gguf", large);

        // When
        BaseModelProfile profile = models().profile(new BaseModelId("org/model/tiny.gguf"));

        // Then: the header at its usual length, the divisors of rotary frequencies at the end, and nothing between
        assertThat(profile).usingRecursiveComparison().ignoringFields("config").isEqualTo(PROFILE);
        assertThat(hub.seen("tiny.gguf"))
                .filteredOn(request -> request.place().equals("cdn"))
                .extracting(FakeHub.Seen::range)
                .containsExactly("bytes=0-8388607", "bytes=" + (large.length - 32) + "-" + (large.length - 25));
    }

    @Test
    void readsAPartOfWhatComesWhole() {
        // Given
        hub.with("tiny.gguf", TinyGguf.bytes(folder, 1 << 20));
        hub.next("tiny.gguf", new FakeHub.Whole(), new FakeHub.Whole());

        // When
        BaseModelProfile profile = models().profile(new BaseModelId("org/model/tiny.gguf"));

        // Then
        assertThat(profile).usingRecursiveComparison().ignoringFields("config").isEqualTo(PROFILE);
    }

    @Test
    void aRepositoryWithOneFileNeedsNoNameOfIt() {
        // Given
        hub.with("README.md", "read me").with("sub/tiny.gguf", tiny);
        BaseModelId model = new BaseModelId("org/model");

        // When
        Path file = models().fetch(model, FetchProgress.silent());

        // Then
        assertThat(file).hasBinaryContent(tiny);
        assertThat(models().fetch(model, FetchProgress.silent())).isEqualTo(file);
        assertThat(models().profile(model))
                .usingRecursiveComparison()
                .ignoringFields("config")
                .isEqualTo(PROFILE);
    }

    @ParameterizedTest
    @CsvSource({"org/model, org/model/sub/tiny.gguf", "org/model/sub/tiny.gguf, org/model"})
    void keepsAFileOnceThatIsFetchedByItsNameAndAsTheOnlyOne(String first, String second) throws IOException {
        // Given
        hub.with("README.md", "read me").with("sub/tiny.gguf", tiny);
        Path one = models().fetch(new BaseModelId(first), FetchProgress.silent());
        int requests = fetched("tiny.gguf");

        // When
        Path other = models().fetch(new BaseModelId(second), FetchProgress.silent());

        // Then
        assertThat(other).isNotEqualTo(one).hasBinaryContent(tiny);
        assertThat(Files.isSameFile(one, other)).isTrue();
        assertThat(fetched("tiny.gguf")).isEqualTo(requests);
    }

    @Test
    void keepsAFileForTheNameThatIsLeftWhereTheOtherCopyIsDeleted() throws IOException {
        // Given
        hub.with("tiny.gguf", tiny);
        Path whole = models().fetch(new BaseModelId("org/model"), FetchProgress.silent());
        Path named = models().fetch(new BaseModelId("org/model/tiny.gguf"), FetchProgress.silent());
        hub.close();

        // When
        Files.delete(named);

        // Then
        assertThat(models().fetch(new BaseModelId("org/model"), FetchProgress.silent()))
                .isEqualTo(whole)
                .hasBinaryContent(tiny);
    }

    @Test
    void replacesWhatAnInterruptedFetchLeftInTheSecondPlace() throws IOException {
        // Given
        hub.with("tiny.gguf", tiny);
        Path whole = models().fetch(new BaseModelId("org/model"), FetchProgress.silent());
        Files.delete(whole.resolveSibling(".complete"));
        Files.delete(whole);
        Files.writeString(whole, "half of it");

        // When
        Path again = models().fetch(new BaseModelId("org/model"), FetchProgress.silent());

        // Then
        assertThat(again).isEqualTo(whole).hasBinaryContent(tiny);
    }

    @Test
    void bringsAFileOfABucketByBothOfItsNames() {
        // Given
        bucket("sub/Q8_0.gguf", tiny);
        Path one = models().fetch(new BaseModelId("s3://models/qwen/tiny"), FetchProgress.silent());

        // When
        Path other = models().fetch(new BaseModelId("s3://models/qwen/tiny/sub/Q8_0.gguf"), FetchProgress.silent());

        // Then
        assertThat(other).isEqualTo(one).hasBinaryContent(tiny);
    }

    @Test
    void safetensorsGoBeforeGguf() {
        // Given
        hub.withModel().with("tiny.gguf", tiny);

        // When
        Path model = models().fetch(new BaseModelId("org/model"), FetchProgress.silent());

        // Then
        assertThat(model).isDirectory();
        assertThat(hub.seen("tiny.gguf")).isEmpty();
    }

    @Test
    void namesEveryFileThatMayBeMeant() {
        // Given
        hub.with("Q4_0.gguf", tiny).with("sub/Q8_0.gguf", tiny).with("F16.gguf", tiny);

        // When
        ProductException failure = failure(() -> models().profile(new BaseModelId("org/model")));

        // Then
        assertThat(failure.code()).isEqualTo(ErrorCode.UNSUPPORTED_MODEL);
        assertThat(failure.parameter()).isEqualTo("model");
        assertThat(failure.detail())
                .contains("'org/model' holds 3 GGUF files: F16.gguf, Q4_0.gguf, sub/Q8_0.gguf", "put its name behind");
    }

    @ParameterizedTest
    @ValueSource(strings = {"org/model", "org/model/big-00002-of-00002.gguf"})
    void saysHowToJoinAModelThatIsSplit(String name) {
        // Given
        hub.with("big-00001-of-00002.gguf", tiny).with("big-00002-of-00002.gguf", tiny);

        // When
        ProductException failure = failure(() -> models().fetch(new BaseModelId(name), FetchProgress.silent()));

        // Then
        assertThat(failure.code()).isEqualTo(ErrorCode.UNSUPPORTED_MODEL);
        assertThat(failure.detail()).contains("one part of several", "gguf-split --merge");
    }

    @Test
    void namesTheFilesThereAreWhereOneIsNot() {
        // Given
        hub.with("Q4_0.gguf", tiny);

        // When
        ProductException failure = failure(() -> models().profile(new BaseModelId("org/model/Q5_0.gguf")));

        // Then
        assertThat(failure.code()).isEqualTo(ErrorCode.MODEL_NOT_FOUND);
        assertThat(failure.detail()).contains("no file Q5_0.gguf", "The GGUF files are: Q4_0.gguf.");
    }

    @Test
    void theFilesOfARepositoryAreKeptApartAndNeedNoHub() {
        // Given
        hub.withModel().with("Q8_0.gguf", tiny).with("Q4_0.gguf", "other");
        BaseModelId file = new BaseModelId("org/model/Q8_0.gguf");
        Path one = models().fetch(file, FetchProgress.silent());
        Path other = models().fetch(new BaseModelId("org/model/Q4_0.gguf"), FetchProgress.silent());
        Path whole = models().fetch(new BaseModelId("org/model"), FetchProgress.silent());
        hub.close();

        // When
        Path again = models().fetch(file, FetchProgress.silent());

        // Then
        assertThat(again).isEqualTo(one).hasBinaryContent(tiny);
        assertThat(other).hasContent("other");
        assertThat(whole.resolve("config.json")).exists();
        assertThat(models().profile(file))
                .usingRecursiveComparison()
                .ignoringFields("config")
                .isEqualTo(PROFILE);
    }

    @Test
    void aHubCannotPutFilesBesideTheCache() {
        // Given
        hub.with("../../../stray.gguf", tiny);

        // When
        ProductException failure = failure(() -> models().fetch(new BaseModelId("org/model"), FetchProgress.silent()));

        // Then
        assertThat(failure.code()).isEqualTo(ErrorCode.UNSUPPORTED_MODEL);
        assertThat(failure.detail()).contains("no .safetensors or .gguf weights");
    }

    @ParameterizedTest
    @ValueSource(strings = {"s3://models/qwen/tiny", "s3://models/qwen/tiny/sub/Q8_0.gguf"})
    void readsAFileInABucket(String name) {
        // Given
        bucket("sub/Q8_0.gguf", tiny);
        BaseModelId model = new BaseModelId(name);

        // When
        Path file = models().fetch(model, FetchProgress.silent());

        // Then
        assertThat(file).hasBinaryContent(tiny);
        assertThat(models().profile(model))
                .usingRecursiveComparison()
                .ignoringFields("config")
                .isEqualTo(PROFILE);
    }

    @Test
    void namesAFileThatTheBucketLacks() {
        // When
        ProductException failure = failure(() -> models().profile(new BaseModelId("s3://models/qwen/tiny/Q8_0.gguf")));

        // Then
        assertThat(failure.code()).isEqualTo(ErrorCode.MODEL_NOT_FOUND);
        assertThat(failure.detail()).contains("s3://models/qwen/tiny/Q8_0.gguf");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/tiny.gguf"})
    void readsAFileOfThisMachine(String rest) throws IOException {
        // Given
        Path directory = Files.createDirectory(folder.resolve("model"));
        Path file = Files.write(directory.resolve("tiny.gguf"), tiny);
        BaseModelId model = new BaseModelId(directory + rest);

        // When
        Path found = models().fetch(model, FetchProgress.silent());

        // Then
        assertThat(found).isEqualTo(file);
        assertThat(models().profile(model))
                .usingRecursiveComparison()
                .ignoringFields("config")
                .isEqualTo(PROFILE);
    }

    @Test
    void namesAFileThatIsCutOff() throws IOException {
        // Given
        Path file = Files.write(folder.resolve("cut.gguf"), List.of("GGUF and no more than that"));

        // When
        ProductException failure = failure(() -> models().profile(new BaseModelId(file.toString())));

        // Then
        assertThat(failure.code()).isEqualTo(ErrorCode.UNSUPPORTED_MODEL);
        assertThat(failure.detail()).contains("cut.gguf");
    }

    private int fetched(String file) {
        return (int) hub.seen(file).stream()
                .filter(request -> request.place().equals("cdn"))
                .count();
    }

    @Test
    void whatIsHereNeedsNoStore() throws IOException {
        // Given
        BaseModelId model = new BaseModelId("s3://models/qwen/tiny/Q8_0.gguf");
        bucket("Q8_0.gguf", TinyGguf.bytes(folder, 32));
        Path fetched = models().fetch(model, FetchProgress.silent());
        Files.move(folder.resolve("store/models"), folder.resolve("gone"));
        // A link to itself: every look at what is below it fails.
        Files.createSymbolicLink(folder.resolve("store/models"), folder.resolve("store/models"));

        // When
        Path again = models().fetch(model, FetchProgress.silent());
        Optional<Path> here = models().here(model);
        BaseModelProfile profile = models().profile(model);

        // Then
        assertThat(again).isEqualTo(fetched);
        assertThat(here).contains(fetched);
        assertThat(profile.architecture()).isEqualTo("LlamaForCausalLM");
    }

    private void bucket(String name, byte[] content) {
        new DirectoryObjectStore(folder.resolve("store/models"))
                .put(new ObjectKey("qwen/tiny/" + name), content, "application/octet-stream");
    }

    private CachedBaseModels models() {
        URI address = hub.address();
        StoreSettings store =
                new StoreSettings(folder.resolve("store").toUri(), "key", "secret", "us-east-1", "lorica");
        Patience patience = new Patience(
                3,
                Duration.ofMillis(5),
                Duration.ofMillis(20),
                Duration.ofSeconds(2),
                Duration.ofMinutes(1),
                Duration.ofMinutes(1));
        return new CachedBaseModels(
                new ModelsSettings(folder.resolve("cache"), address, Optional.empty(), store),
                new HubConnection(address, Optional.empty(), Map.of(), patience),
                new BackgroundRefresh(Duration.ofHours(1)));
    }

    private static ProductException failure(ThrowingCallable call) {
        return assertThatExceptionOfType(ProductException.class)
                .isThrownBy(call)
                .actual();
    }
}

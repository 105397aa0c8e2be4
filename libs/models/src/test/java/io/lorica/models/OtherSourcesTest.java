package io.lorica.models;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

import com.fasterxml.jackson.databind.node.MissingNode;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.id.BaseModelId;
import io.lorica.storage.DirectoryObjectStore;
import io.lorica.storage.ObjectKey;
import io.lorica.storage.StoreSettings;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/// Models in buckets and in directories, and names that are neither.
class OtherSourcesTest {

    private static final String CONFIG = "{\"architectures\":[\"Qwen2ForCausalLM\"]}";
    private static final String TOKENIZER = "{\"eos_token\":\"<eos>\"}";
    private static final BaseModelId IN_BUCKET = new BaseModelId("s3://models/qwen/tiny/");

    @TempDir
    Path folder;

    @Test
    void copiesAModelFromABucketOnce() {
        // Given
        bucket("config.json", CONFIG);
        bucket("model.safetensors", "weights");
        bucket("notes.txt", "not needed");
        Path first = models().fetch(IN_BUCKET, FetchProgress.silent());

        // When
        Path second = models().fetch(IN_BUCKET, (_, _, _) -> {
            throw new IllegalStateException("fetched twice");
        });

        // Then
        assertThat(second).isEqualTo(first);
        assertThat(second.resolve("model.safetensors")).hasContent("weights");
        assertThat(second.resolve("notes.txt")).doesNotExist();
    }

    @Test
    void takesAChangedModelAnew() {
        // Given
        bucket("model.safetensors", "weights");
        models().fetch(IN_BUCKET, FetchProgress.silent());
        bucket("model.safetensors", "other weights");

        // When
        Path model = models().fetch(IN_BUCKET, FetchProgress.silent());

        // Then
        assertThat(model.resolve("model.safetensors")).hasContent("other weights");
    }

    @Test
    void namesTheBaseOfAnAdapterThatIsGivenAsAModel() throws IOException {
        // Given
        bucket("adapter_config.json", "{\"base_model_name_or_path\":\"org/base\"}");
        bucket("adapter_model.safetensors", "weights");
        Path local = Files.createDirectories(folder.resolve("adapter"));
        Files.writeString(local.resolve("adapter_config.json"), "{\"base_model_name_or_path\":\"/models/base\"}");
        BaseModelId directory = new BaseModelId(local.toString());

        // When // Then
        assertRefused(
                () -> models().profile(IN_BUCKET),
                "is a LoRA adapter for the base model 'org/base' and no model by itself");
        assertRefused(() -> models().fetch(IN_BUCKET, FetchProgress.silent()), "Name the base as model: org/base.");
        assertRefused(() -> models().profile(directory), "Name the base as model: /models/base.");
        assertRefused(() -> models().here(directory), "Name the base as model: /models/base.");
        assertThat(PeftFolder.at(local)).contains(new PeftFolder("/models/base"));
        assertThat(PeftFolder.at(folder)).isEmpty();
        assertThat(models().adapter(directory)).contains(local);
        assertThat(models().adapter(IN_BUCKET)).isEmpty();
        assertThat(models().adapter(new BaseModelId(folder.toString()))).isEmpty();
    }

    @Test
    void refusesAnAdapterBesideItsBase() throws IOException {
        // Given
        bucket("config.json", CONFIG);
        bucket("model.safetensors", "weights");
        bucket("adapter_config.json", "{\"base_model_name_or_path\":\"org/base\"}");
        Path local = Files.createDirectories(folder.resolve("both"));
        Files.writeString(local.resolve("adapter_config.json"), "{}");
        Files.writeString(local.resolve("model.safetensors"), "weights");

        // When // Then
        assertThat(models().adapter(new BaseModelId(local.toString()))).isEmpty();
        assertRefused(() -> models().profile(IN_BUCKET), "holds a model and a LoRA adapter");
        assertRefused(
                () -> models().fetch(IN_BUCKET, FetchProgress.silent()),
                "Move the files adapter_* to a folder of their own");
    }

    @ParameterizedTest
    @ValueSource(strings = {"gptq", "awq", "hqq", "modelopt", "fbgemm_fp8"})
    void namesTheMethodThatQuantisedAModel(String method) {
        // Given
        bucket("config.json", CONFIG.replace("}", ",\"quantization_config\":{\"quant_method\":\"" + method + "\"}}"));
        bucket("tokenizer_config.json", TOKENIZER);
        bucket("tokenizer.json", "{}");
        bucket("model.safetensors", "weights");

        // When // Then
        assertRefused(() -> models().profile(IN_BUCKET), "quantised by '" + method + "'");
    }

    @Test
    void refusesATokenizerWithMoreTokensThanTheEmbeddingHasRows() {
        // Given
        bucket("config.json", CONFIG.replace("}", ",\"vocab_size\":2}"));
        bucket("tokenizer_config.json", TOKENIZER);
        bucket("tokenizer.json", "{\"model\":{\"vocab\":{\"a\":0,\"b\":1}}}");
        bucket("model.safetensors", "weights");

        // When // Then
        assertRefused(() -> models().profile(IN_BUCKET), "it has 3 tokens, the last one '<eos>'");
    }

    @Test
    void findsTheEndOfASequenceWhereverItIsNamed() {
        // Given
        bucket("config.json", CONFIG);
        bucket("tokenizer_config.json", "{}");
        bucket("tokenizer.json", "{\"model\":{\"vocab\":{\"a\":0,\"<eos>\":1}}}");
        bucket("model.safetensors", "weights");
        assertRefused(() -> models().profile(IN_BUCKET), "no file names its end-of-sequence token");

        // When
        bucket("special_tokens_map.json", "{\"eos_token\":{\"content\":\"<eos>\"}}");

        // Then
        assertThat(models().profile(IN_BUCKET).terminator()).isEqualTo("<eos>");
    }

    @Test
    void readsTheProfileOfAModelInABucket() {
        // Given
        bucket("config.json", CONFIG);
        bucket("tokenizer_config.json", TOKENIZER);
        bucket("tokenizer.json", "{}");
        bucket("model.safetensors", "weights");

        // When
        BaseModelProfile profile = models().profile(IN_BUCKET);

        // Then
        assertThat(profile)
                .usingRecursiveComparison()
                .ignoringFields("config")
                .isEqualTo(new BaseModelProfile("Qwen2ForCausalLM", "<eos>", 2048, MissingNode.getInstance()));
    }

    @Test
    void namesAPrefixWithoutAModel() {
        // When
        ProductException failure = failure(() -> models().fetch(IN_BUCKET, FetchProgress.silent()));

        // Then
        assertThat(failure.code()).isEqualTo(ErrorCode.MODEL_NOT_FOUND);
        assertThat(failure.detail()).contains("s3://models/qwen/tiny/");
    }

    @Test
    void usesADirectoryWhereItIs() throws IOException {
        // Given
        Files.writeString(folder.resolve("model.safetensors"), "weights");

        // When
        Path model = models().fetch(new BaseModelId(folder.toString()), FetchProgress.silent());

        // Then
        assertThat(model).isEqualTo(folder);
    }

    @Test
    void namesADirectoryThatIsNotThere() {
        // When
        ProductException failure = failure(() -> models().profile(new BaseModelId("/no/such/model")));

        // Then
        assertThat(failure.code()).isEqualTo(ErrorCode.MODEL_NOT_FOUND);
        assertThat(failure.detail()).contains("/no/such/model");
    }

    @Test
    void refusesAConfigurationThatIsNotJson() throws IOException {
        // Given
        Files.writeString(folder.resolve("model.safetensors"), "weights");
        Files.writeString(folder.resolve("config.json"), "{");

        // When
        ProductException failure = failure(() -> models().profile(new BaseModelId(folder.toString())));

        // Then
        assertThat(failure.code()).isEqualTo(ErrorCode.UNSUPPORTED_MODEL);
        assertThat(failure.detail()).contains("config.json", "not JSON");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "model",
                "a/b/c",
                "s3://bucket",
                "s3://bucket/a//b",
                "org/..",
                "org/model@../../x",
                "org/model/x.safetensors",
                "org/model/../x.gguf",
                "org/model//x.gguf"
            })
    void refusesANameThatIsNone(String name) {
        // When
        ProductException failure = failure(() -> ModelSource.of(new BaseModelId(name)));

        // Then
        assertThat(failure.code()).isEqualTo(ErrorCode.MODEL_NOT_FOUND);
        assertThat(failure.detail()).contains(name, "org/name");
    }

    @Test
    void readsTheHomeDirectoryInAName() {
        // When
        ModelSource source = ModelSource.of(new BaseModelId("~/models/tiny"));

        // Then
        assertThat(source).isEqualTo(new ModelSource.Local(Path.of(System.getProperty("user.home"), "models", "tiny")));
    }

    @Test
    void saysHowMuchSpaceIsMissing() {
        // When
        ProductException failure = failure(() -> DiskSpace.require(folder, Long.MAX_VALUE));

        // Then
        assertThat(failure.code()).isEqualTo(ErrorCode.OUT_OF_DISK);
        assertThat(failure.detail()).contains("GiB", folder.toString(), "lorica.models.cache");
    }

    private void bucket(String name, String content) {
        new DirectoryObjectStore(folder.resolve("store/models"))
                .put(
                        ObjectKey.of("qwen", "tiny", name),
                        content.getBytes(StandardCharsets.UTF_8),
                        "application/octet-stream");
    }

    private CachedBaseModels models() {
        return new CachedBaseModels(new ModelsSettings(
                folder.resolve("cache"),
                URI.create("http://hub.invalid"),
                Optional.empty(),
                new StoreSettings(folder.resolve("store").toUri(), "key", "secret", "us-east-1", "lorica")));
    }

    private static ProductException failure(ThrowingCallable call) {
        return assertThatExceptionOfType(ProductException.class)
                .isThrownBy(call)
                .actual();
    }

    private static void assertRefused(ThrowingCallable call, String reason) {
        assertThatExceptionOfType(ProductException.class)
                .isThrownBy(call)
                .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.UNSUPPORTED_MODEL))
                .withMessageContaining(reason);
    }
}

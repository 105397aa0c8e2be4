package io.lorica.trainer.api;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.lorica.contracts.dataset.FilePurpose;
import io.lorica.contracts.dataset.FileRecord;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.id.BaseModelId;
import io.lorica.contracts.id.Owner;
import io.lorica.contracts.job.JobSpec;
import io.lorica.contracts.job.ParentAdapter;
import io.lorica.kit.event.EventCodec;
import io.lorica.models.BaseModelProfile;
import io.lorica.models.BaseModels;
import io.lorica.models.FetchProgress;
import io.lorica.models.ModelAccess;
import io.lorica.models.PeftFolder;
import io.lorica.storage.ArtifactLayout;
import io.lorica.storage.Digests;
import io.lorica.storage.DirectoryObjectStore;
import io.lorica.trainer.Jobs;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/// Jobs on PEFT adapters that were trained elsewhere.
class ForeignAdapterRequestTest {

    private static final String PLACE = "method.supervised.hyperparameters.";
    private static final String CONFIG = """
            {"peft_type":"LORA","r":2,"lora_alpha":6,"lora_dropout":0.25,"use_rslora":true,"bias":"none",
             "target_modules":["q_proj"],"modules_to_save":["lm_head"],"base_model_name_or_path":"%s"}""";
    private static final String LORA = "base_model.model.model.layers.0.self_attn.q_proj.lora_";
    private static final Consumer<BaseModelId> ANYTHING = _ -> {};

    @TempDir
    Path directory;

    private Path adapter;
    private JobRequestReader reader;

    @BeforeEach
    void writeAnAdapter() throws IOException {
        DirectoryObjectStore store = new DirectoryObjectStore(directory.resolve("store"));
        store.put(
                ArtifactLayout.fileRecord(Jobs.ROWS),
                EventCodec.bytes(
                        FileRecord.of(Jobs.ROWS, 1, Jobs.NOW, "rows.jsonl", FilePurpose.FINE_TUNE, "ab".repeat(32))),
                "application/json");
        reader = new JobRequestReader(
                new WithAdapters(new JobRequestReaderTest.OneModel()), store, new ParentReader(store));
        adapter = Files.createDirectories(directory.resolve("adapter"));
        config(CONFIG.formatted("demo"));
        weights(2, "base_model.model.lm_head.weight");
    }

    @Test
    void takesBaseAndShapeFromTheAdapter() throws IOException {
        // When
        JobSpec spec = read("{\"lora_rank\":2,\"learning_rate\":0.5}", ANYTHING);

        // Then
        assertThat(spec.model()).isEqualTo(new BaseModelId("demo"));
        assertThat(spec.lora().rank()).isEqualTo(2);
        assertThat(spec.lora().alpha()).isEqualTo(6);
        assertThat(spec.lora().dropout()).isEqualTo(0.25);
        assertThat(spec.lora().rankStabilized()).isTrue();
        assertThat(spec.lora().targetModules()).containsExactly("q_proj");
        assertThat(spec.lora().extras().modulesToSave()).containsExactly("lm_head");
        assertThat(spec.plan().learningRate()).isEqualTo(0.5);
        assertThat(spec.parent())
                .isEqualTo(new ParentAdapter(
                        adapter.toString(),
                        null,
                        0,
                        Digests.sha256(adapter.resolve("adapter_model.safetensors")),
                        false));
    }

    @Test
    void showsAJobSoThatItCanBeSentAgain() throws IOException {
        // Given
        config(CONFIG.formatted("org/gone"));
        JobSpec spec = read("{\"base_model\":\"demo\"}", ANYTHING);

        // When
        Map<String, Object> shown = HyperparameterView.all(spec);

        // Then
        assertThat(shown).containsEntry("base_model", "demo").containsEntry("continue", false);
        assertThat(read(EventCodec.json().writeValueAsString(shown), ANYTHING)).isEqualTo(spec);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    {"continue":true}              | continue         | no optimizer state
                    {"lora_rank":4}                | lora_rank        | was trained with 2
                    {"lora_alpha":4}               | lora_alpha       | was trained with 6.0
                    {"use_rslora":false}           | use_rslora       | was trained with true
                    {"target_modules":["v_proj"]}  | target_modules   | was trained with [q_proj]
                    {"bias":"all"}                 | bias             | was trained with none
                    {"modules_to_save":["embed_tokens"]} | modules_to_save | was trained with [lm_head]
                    {"base_model":"org/none"}      | base_model       | There is no such model.
                    {"base_model":"ft:a:b:c:abcdefgh"} | base_model   | is not a base model
                    {"base_model":3}               | base_model       | a text
                    """)
    void namesWhatCannotBe(String hyperparameters, String name, String words) {
        refused(() -> read(hyperparameters, ANYTHING), PLACE + name, words);
    }

    @Test
    void asksForTheBaseModelThatIsNotReachableOrNotNamed() throws IOException {
        config(CONFIG.formatted("org/gone"));
        refused(() -> read("{}", ANYTHING), PLACE + "base_model", "give base_model where that is elsewhere");
        config(CONFIG.formatted(""));
        refused(() -> read("{}", ANYTHING), PLACE + "base_model", "names no base model");
    }

    @Test
    void asksForPermissionForTheBaseWhereverItIsNamed() {
        // Given
        Consumer<BaseModelId> nothing = model -> {
            throw ModelAccess.missing(model.value());
        };

        // When // Then
        refused(() -> read("{}", nothing), PLACE + "base_model", "cannot be used here");
        refused(() -> read("{\"base_model\":\"demo\"}", nothing), PLACE + "base_model", "There is no model 'demo'");
    }

    @Test
    void namesFilesThatCannotBeTrainedOn() throws IOException {
        weights(3, "base_model.model.lm_head.weight");
        refused(() -> read("{}", ANYTHING), "model", "has shape [3, 8] and the model needs [2, 8]");
        weights(2, "base_model.model.other.weight");
        refused(() -> read("{}", ANYTHING), "model", "lm_head.weight is missing");
        Files.writeString(adapter.resolve("adapter_model.safetensors"), "cut off");
        refused(() -> read("{}", ANYTHING), "model", "adapter_model.safetensors");
        Files.delete(adapter.resolve("adapter_model.safetensors"));
        refused(() -> read("{}", ANYTHING), "model", "has no adapter_model.safetensors");
        config("{\"peft_type\":\"IA3\",\"base_model_name_or_path\":\"demo\"}");
        refused(() -> read("{}", ANYTHING), "model", "its peft_type is 'IA3'");
    }

    @Test
    void refusesABaseBesideAModelThatIsNoAdapter() {
        assertThatThrownBy(() -> read("demo", "{\"base_model\":\"demo\"}", ANYTHING))
                .isInstanceOfSatisfying(ProductException.class, failure -> {
                    assertThat(failure.code()).isEqualTo(ErrorCode.INVALID_REQUEST);
                    assertThat(failure.parameter()).isEqualTo(PLACE + "base_model");
                });
    }

    private static void refused(ThrowingCallable request, String parameter, String words) {
        assertThatThrownBy(request).isInstanceOfSatisfying(ProductException.class, failure -> {
            assertThat(failure.parameter()).isEqualTo(parameter);
            assertThat(failure.detail()).contains(words);
        });
    }

    private JobSpec read(String hyperparameters, Consumer<BaseModelId> permission) throws JsonProcessingException {
        return read(adapter.toString(), hyperparameters, permission);
    }

    private JobSpec read(String model, String hyperparameters, Consumer<BaseModelId> permission)
            throws JsonProcessingException {
        return reader.read(
                EventCodec.json().readValue("""
                {"model":"%s","training_file":"%s","seed":1,
                 "method":{"type":"supervised","supervised":{"hyperparameters":%s}}}""".formatted(model, Jobs.ROWS, hyperparameters), JobRequest.class),
                Owner.DEFAULT,
                permission);
    }

    private void config(String text) throws IOException {
        Files.writeString(adapter.resolve("adapter_config.json"), text);
    }

    /// Writes zeros in bfloat16: a pair for the one projection, and a whole module.
    private void weights(int rank, String whole) throws IOException {
        Map<String, Object> header = new HashMap<>();
        int end = 0;
        end = tensor(header, LORA + "A.weight", List.of(rank, 8), end);
        end = tensor(header, LORA + "B.weight", List.of(8, rank), end);
        end = tensor(header, whole, List.of(8, 8), end);
        byte[] json = EventCodec.json().writeValueAsString(header).getBytes(StandardCharsets.UTF_8);
        ByteBuffer file = ByteBuffer.allocate(8 + json.length + end).order(ByteOrder.LITTLE_ENDIAN);
        file.putLong(json.length).put(json);
        Files.write(adapter.resolve("adapter_model.safetensors"), file.array());
    }

    private static int tensor(Map<String, Object> header, String name, List<Integer> shape, int begin) {
        int end = begin + 2 * shape.getFirst() * shape.getLast();
        header.put(name, Map.of("dtype", "BF16", "shape", shape, "data_offsets", List.of(begin, end)));
        return end;
    }

    /// Models, and adapters on the disk.
    private record WithAdapters(BaseModels models) implements BaseModels {

        @Override
        public BaseModelProfile profile(BaseModelId model) {
            return models.profile(model);
        }

        @Override
        public Path fetch(BaseModelId model, FetchProgress progress) {
            return models.fetch(model, progress);
        }

        @Override
        public Optional<Path> here(BaseModelId model) {
            return models.here(model);
        }

        @Override
        public Optional<Path> adapter(BaseModelId model) {
            return Optional.of(Path.of(model.value()))
                    .filter(place -> PeftFolder.at(place).isPresent());
        }
    }
}

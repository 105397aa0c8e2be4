package io.lorica.trainer.api;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.lorica.contracts.adapter.AdapterManifest;
import io.lorica.contracts.adapter.ArtifactFile;
import io.lorica.contracts.dataset.FilePurpose;
import io.lorica.contracts.dataset.FileRecord;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.id.BaseModelId;
import io.lorica.contracts.id.FileId;
import io.lorica.contracts.id.ModelName;
import io.lorica.contracts.id.Owner;
import io.lorica.contracts.job.JobSpec;
import io.lorica.contracts.job.LearningRateSchedule;
import io.lorica.contracts.job.LoraSpec;
import io.lorica.contracts.job.ParentAdapter;
import io.lorica.contracts.job.TrainingPlan;
import io.lorica.kit.event.EventCodec;
import io.lorica.models.BaseModelProfile;
import io.lorica.models.BaseModels;
import io.lorica.models.FetchProgress;
import io.lorica.storage.ArtifactLayout;
import io.lorica.storage.DirectoryObjectStore;
import io.lorica.storage.ObjectKey;
import io.lorica.trainer.Jobs;
import io.lorica.trainer.job.Job;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class TrainOnRequestTest {

    private static final String PLACE = "method.supervised.hyperparameters.";
    private static final int STEP = 4;
    private static final JobSpec SOURCE = Jobs.spec(
            new LoraSpec(8, 32, 0.1, List.of("q_proj", "v_proj"), true),
            new TrainingPlan(2, 3, 2, null, 1e-3, LearningRateSchedule.COSINE, 1, 0.02, 0.5, 512, 2, 1, null));
    private static final String CONFIG = """
            {"peft_type":"LORA","r":8,"lora_alpha":32,"lora_dropout":0.1,"use_rslora":true,
             "target_modules":["q_proj","v_proj"],"base_model_name_or_path":"lorica/demo"}""";

    @TempDir
    Path directory;

    private DirectoryObjectStore store;
    private JobRequestReader reader;
    private ModelName.FineTuned model;
    private AdapterManifest manifest;

    @BeforeEach
    void storeAModelOfTwoEpochsAndItsLastCheckpoint() {
        store = new DirectoryObjectStore(directory);
        reader = new JobRequestReader(new AnyModel(), store, new ParentReader(store));
        keep(Jobs.ROWS, "ab".repeat(32));
        Job job = Jobs.submitted();
        model = ModelName.fineTuned(SOURCE.model(), "lorica", "first", job.adapter());
        ObjectKey config = ArtifactLayout.adapterBlob(job.adapter(), "cd".repeat(32));
        store.put(config, CONFIG.getBytes(StandardCharsets.UTF_8), "application/json");
        List<ArtifactFile> files = List.of(
                new ArtifactFile("adapter_model.safetensors", "adapters/weights", "ef".repeat(32), 9),
                new ArtifactFile("adapter_config.json", config.value(), "cd".repeat(32), CONFIG.length()));
        manifest = new AdapterManifest(
                job.adapter(),
                model,
                job.id(),
                1,
                STEP,
                SOURCE,
                Jobs.version().id(),
                SOURCE.template().digest(),
                Jobs.metrics(STEP, STEP),
                files,
                List.of(),
                List.of(),
                "CPU",
                "0.1.0",
                Jobs.NOW);
        put(ArtifactLayout.adapterManifest(job.adapter()), manifest);
        put(ArtifactLayout.checkpointManifest(job.adapter(), STEP), manifest);
        put(ArtifactLayout.datasetManifest(Jobs.version().id()), Jobs.version());
    }

    @Test
    void takesWhatTheRunThatGoesOnHasSettled() throws JsonProcessingException {
        // When
        JobSpec spec = read(model.toString(), "{\"continue\":true,\"n_epochs\":5}");

        // Then
        assertThat(spec.model()).isEqualTo(SOURCE.model());
        assertThat(spec.lora()).isEqualTo(SOURCE.lora());
        assertThat(spec.seed()).isEqualTo(SOURCE.seed());
        assertThat(spec.plan().epochs()).isEqualTo(5);
        assertThat(spec.plan())
                .usingRecursiveComparison()
                .ignoringFields("epochs")
                .isEqualTo(SOURCE.plan());
        assertThat(spec.parent())
                .isEqualTo(new ParentAdapter(model.toString(), model.adapter(), STEP, "ef".repeat(32), true));
    }

    @Test
    void takesACheckpointAsItTakesAModel() throws JsonProcessingException {
        // When
        JobSpec spec = read(model.checkpoint(STEP).toString(), "{\"continue\":true,\"max_steps\":9}");

        // Then
        assertThat(spec.plan().maxSteps()).isEqualTo(9);
        assertThat(Optional.ofNullable(spec.parent()).map(ParentAdapter::step)).contains(STEP);
    }

    @Test
    void takesTheShapeOfAnAdapterForANewRunAndDefaultsForTheRest() throws JsonProcessingException {
        // When
        JobSpec spec = read(model.toString(), "{\"loraplus_lr_ratio\":4,\"lora_dropout\":0,\"lora_rank\":8}");

        // Then
        assertThat(spec.lora().rank()).isEqualTo(8);
        assertThat(spec.lora().alpha()).isEqualTo(32);
        assertThat(spec.lora().dropout()).isZero();
        assertThat(spec.lora().rankStabilized()).isTrue();
        assertThat(spec.lora().targetModules()).containsExactly("q_proj", "v_proj");
        assertThat(spec.lora().extras().rateRatioOfB()).isEqualTo(4);
        assertThat(spec.plan().schedule()).isEqualTo(LearningRateSchedule.LINEAR);
        assertThat(spec.plan().batchSize()).isEqualTo(2);
        assertThat(spec.parent())
                .isEqualTo(new ParentAdapter(model.toString(), model.adapter(), STEP, "ef".repeat(32), false));
    }

    @Test
    void showsAJobSoThatItCanBeSentAgain() throws JsonProcessingException {
        // Given
        JobSpec spec = read(model.toString(), "{\"continue\":true,\"n_epochs\":5}");
        String shown = EventCodec.json().writeValueAsString(HyperparameterView.all(spec));

        // When // Then
        assertThat(read(model.toString(), shown)).isEqualTo(spec);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    {"continue":true}                                 | max_steps     | needs a new length
                    {"continue":true,"n_epochs":2}                    | n_epochs      | has done 4 steps already
                    {"continue":true,"max_steps":4}                   | max_steps     | has done 4 steps already
                    {"continue":true,"n_epochs":5,"lora_rank":16}     | lora_rank     | was trained with 8
                    {"continue":true,"n_epochs":5,"batch_size":4}     | batch_size    | was trained with 2
                    {"continue":true,"n_epochs":5,"learning_rate":0.1} | learning_rate | was trained with 0.001
                    {"continue":true,"n_epochs":5,"optim":"adamw_8bit"} | optim       | was trained with adamw
                    {"continue":true,"n_epochs":5,"compute_type":"float16"} | compute_type | was trained with auto
                    {"continue":true,"n_epochs":5,"template":"reference-en"} | template | was trained with deepseek-r1
                    {"continue":true,"n_epochs":5,"target_modules":["q_proj"]} | target_modules | [q_proj, v_proj]
                    {"continue":true,"n_epochs":5,"rank_pattern":{"q_proj":2}} | rank_pattern | was trained with none
                    {"continue":1}                                    | continue      | true or false
                    {"lora_rank":16}                                  | lora_rank     | was trained with 8
                    {"lora_alpha":16}                                 | lora_alpha    | was trained with 32.0
                    {"use_dora":true}                                 | use_dora      | was trained with false
                    {"init_lora_weights":"pissa"}                     | init_lora_weights | was trained with true
                    {"target_modules":"all-linear"}                   | target_modules | [q_proj, v_proj]
                    {"modules_to_save":["lm_head"]}                   | modules_to_save | was trained with none
                    """)
    void namesWhatDiffersFromTheAdapter(String hyperparameters, String name, String advice) {
        assertThatThrownBy(() -> read(model.toString(), hyperparameters))
                .isInstanceOfSatisfying(ProductException.class, failure -> {
                    assertThat(failure.code()).isEqualTo(ErrorCode.INVALID_REQUEST);
                    assertThat(failure.parameter()).isEqualTo(PLACE + name);
                    assertThat(failure.detail()).contains(advice);
                });
    }

    @Test
    void namesASeedAndRowsThatAreNotThoseOfTheRun() {
        // Given
        FileId same = new FileId("file-samesamesamesamesame");
        FileId others = new FileId("file-othersothersothers");
        keep(same, "ab".repeat(32));
        keep(others, "ba".repeat(32));
        Map<String, Object> more = Map.of("continue", true, "n_epochs", 5);

        // When // Then
        assertThatThrownBy(() -> reader.read(request(model.toString(), Jobs.ROWS, 5, more), Owner.DEFAULT, _ -> {}))
                .isInstanceOfSatisfying(
                        ProductException.class,
                        failure -> assertThat(failure.parameter()).isEqualTo("seed"));
        assertThatThrownBy(() -> reader.read(request(model.toString(), others, 1, more), Owner.DEFAULT, _ -> {}))
                .isInstanceOfSatisfying(ProductException.class, failure -> {
                    assertThat(failure.parameter()).isEqualTo("training_file");
                    assertThat(failure.detail()).contains("has other rows than " + Jobs.ROWS);
                });
        assertThat(reader.read(request(model.toString(), same, 1, more), Owner.DEFAULT, _ -> {})
                        .trainingFile())
                .isEqualTo(same);
        assertThat(reader.read(request(model.toString(), others, 5, Map.of()), Owner.DEFAULT, _ -> {})
                        .seed())
                .isEqualTo(5);
    }

    @Test
    void saysWhatIsNotThereToTrainOn() {
        // Given
        store.delete(ArtifactLayout.checkpointManifest(model.adapter(), STEP));

        // When // Then
        assertThatThrownBy(() -> read(model.toString(), "{\"continue\":true,\"n_epochs\":5}"))
                .hasMessageContaining("is deleted, without which its run cannot go on");
        assertThatThrownBy(() -> read(model.checkpoint(STEP).toString(), "{}"))
                .isInstanceOfSatisfying(
                        ProductException.class,
                        failure -> assertThat(failure.code()).isEqualTo(ErrorCode.MODEL_NOT_FOUND));
        assertThatThrownBy(() -> new ParentReader(store).find(model.toString(), false, new Owner("other")))
                .hasMessageContaining("There is no model '" + model + "'");
        assertThatThrownBy(() -> read("lorica/demo", "{\"continue\":true}"))
                .isInstanceOfSatisfying(
                        ProductException.class,
                        failure -> assertThat(failure.parameter()).isEqualTo(PLACE + "continue"));
    }

    private JobSpec read(String name, String hyperparameters) throws JsonProcessingException {
        return reader.read(
                EventCodec.json().readValue("""
                {"model":"%s","training_file":"%s",
                 "method":{"type":"supervised","supervised":{"hyperparameters":%s}}}""".formatted(name, Jobs.ROWS, hyperparameters), JobRequest.class),
                Owner.DEFAULT,
                _ -> {});
    }

    private static JobRequest request(String name, FileId file, int seed, Map<String, Object> hyperparameters) {
        return EventCodec.json()
                .convertValue(
                        Map.of(
                                "model",
                                name,
                                "training_file",
                                file.value(),
                                "seed",
                                seed,
                                "hyperparameters",
                                hyperparameters),
                        JobRequest.class);
    }

    private void keep(FileId file, String sha256) {
        put(
                ArtifactLayout.fileRecord(file),
                FileRecord.of(file, 1, Jobs.NOW, "rows.jsonl", FilePurpose.FINE_TUNE, sha256));
    }

    private void put(ObjectKey key, Object value) {
        store.put(key, EventCodec.bytes(value), "application/json");
    }

    /// Knows every base model.
    private static final class AnyModel implements BaseModels {

        @Override
        public BaseModelProfile profile(BaseModelId id) {
            return new BaseModelProfile(
                    "Qwen2ForCausalLM", "<|endoftext|>", 1024, JobRequestReaderTest.OneModel.config());
        }

        @Override
        public Path fetch(BaseModelId id, FetchProgress progress) {
            throw new AssertionError("a request must not fetch weights");
        }

        @Override
        public Optional<Path> here(BaseModelId id) {
            return Optional.empty();
        }
    }
}

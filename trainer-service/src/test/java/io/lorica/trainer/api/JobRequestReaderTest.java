package io.lorica.trainer.api;

import java.nio.file.Path;
import java.time.Instant;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.lorica.contracts.dataset.FilePurpose;
import io.lorica.contracts.dataset.FileRecord;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.id.BaseModelId;
import io.lorica.contracts.id.FileId;
import io.lorica.contracts.job.JobSpec;
import io.lorica.contracts.job.LearningRateSchedule;
import io.lorica.contracts.job.LoraSpec;
import io.lorica.contracts.template.PromptTemplate;
import io.lorica.kit.event.EventCodec;
import io.lorica.models.BaseModelProfile;
import io.lorica.models.BaseModels;
import io.lorica.models.FetchProgress;
import io.lorica.storage.ArtifactLayout;
import io.lorica.storage.DirectoryObjectStore;
import io.lorica.trainer.Jobs;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class JobRequestReaderTest {

    private static final String PLACE = "method.supervised.hyperparameters.";

    @TempDir
    Path directory;

    private DirectoryObjectStore store;
    private JobRequestReader reader;

    @BeforeEach
    void storeRows() {
        store = new DirectoryObjectStore(directory);
        reader = new JobRequestReader(new OneModel(), store);
        keep(Jobs.ROWS, FilePurpose.FINE_TUNE, null);
    }

    @Test
    void fillsInTheDocumentedDefaults() throws JsonProcessingException {
        // When
        JobSpec spec = read("{}");

        // Then
        assertThat(spec.template()).isEqualTo(PromptTemplate.DEEPSEEK_R1);
        assertThat(spec.terminator()).isEqualTo("<|end|>");
        assertThat(spec.lora()).isEqualTo(new LoraSpec(16, 16, 0, LoraSpec.ALL_PROJECTIONS, false));
        assertThat(spec.plan().epochs()).isEqualTo(3);
        assertThat(spec.plan().learningRate()).isEqualTo(2e-4);
        assertThat(spec.plan().maxSequenceLength()).isEqualTo(1024);
        assertThat(spec.plan().schedule()).isEqualTo(LearningRateSchedule.LINEAR);
        assertThat(spec.seed()).isNotNegative();
        assertThat(spec.exportMerged()).isFalse();
    }

    @Test
    void takesAutoForTheDefault() throws JsonProcessingException {
        // When
        JobSpec spec = read("{\"n_epochs\":\"auto\",\"batch_size\":\"auto\",\"learning_rate_multiplier\":\"auto\"}");

        // Then
        assertThat(spec.plan()).isEqualTo(read("{}").plan());
    }

    @Test
    void takesWhatIsGiven() throws JsonProcessingException {
        // When
        JobSpec spec = read("""
                {"n_epochs":1,"batch_size":8,"learning_rate_multiplier":0.5,"lora_rank":4,"lora_alpha":32,
                 "target_modules":["q_proj","v_proj"],"template":"reference-zh","max_steps":7,"lr_scheduler":"cosine",
                 "export_merged":true,"use_rslora":true}""");

        // Then
        assertThat(spec.plan().batchSize()).isEqualTo(8);
        assertThat(spec.plan().learningRate()).isEqualTo(1e-4);
        assertThat(spec.plan().maxSteps()).isEqualTo(7);
        assertThat(spec.plan().schedule()).isEqualTo(LearningRateSchedule.COSINE);
        assertThat(spec.lora().targetModules()).containsExactly("q_proj", "v_proj");
        assertThat(spec.lora().rankStabilized()).isTrue();
        assertThat(spec.template()).isEqualTo(PromptTemplate.REFERENCE_ZH);
        assertThat(spec.exportMerged()).isTrue();
    }

    @Test
    void readsThePlaceOfOlderClients() throws JsonProcessingException {
        // When
        JobSpec spec = reader.read(request(
                "{\"model\":\"demo\",\"training_file\":\"" + Jobs.ROWS + "\",\"hyperparameters\":{\"n_epochs\":2}}"));

        // Then
        assertThat(spec.plan().epochs()).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    {"lora_rank":0}            | lora_rank        | it must be from 1 to 1024
                    {"lora_dropout":1}         | lora_dropout     | it must be in [0, 1)
                    {"batch_size":"many"}      | batch_size       | it must be a whole number
                    {"batch_size":1.5}         | batch_size       | it must be a whole number
                    {"learning_rate":-1}       | learning_rate    | it must be above 0
                    {"template":"alpaca"}      | template         | it must be one of
                    {"max_seq_length":4096}    | max_seq_length   | this model takes at most 1024
                    {"target_modules":["q"]}   | target_modules   | choose from
                    {"target_modules":[]}      | target_modules   | name at least one projection
                    {"export_merged":"yes"}    | export_merged    | it must be true or false
                    """)
    void namesTheHyperparameterThatIsWrong(String hyperparameters, String name, String advice) {
        assertRefused(hyperparameters, ErrorCode.INVALID_REQUEST, PLACE + name, advice);
    }

    @Test
    void suggestsTheNameThatWasMeant() {
        assertRefused(
                "{\"lora_rnak\":4}", ErrorCode.UNKNOWN_PARAMETER, PLACE + "lora_rnak", "did you mean 'lora_rank'?");
        assertRefused("{\"warp\":9}", ErrorCode.UNKNOWN_PARAMETER, PLACE + "warp", "known are batch_size,");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    {"training_file":"F"}                                          | invalid_request | model         | is missing
                    {"model":"demo"}                                               | invalid_request | training_file | is missing
                    {"model":"demo","training_file":"file-nothingnothingnothing"}  | invalid_training_file | training_file | Upload it with POST /v1/files
                    {"model":"demo","training_file":"F","validation_file":"x"}     | invalid_validation_file | validation_file | Upload it
                    {"model":"other","training_file":"F"}                          | model_not_found | model         | no such model
                    {"model":"a b","training_file":"F"}                            | model_not_found | model         | give a directory
                    {"model":"demo","training_file":"F","suffix":""}               | invalid_request | suffix        | 1 to 64
                    {"model":"demo","training_file":"F","seed":-1}                 | invalid_request | seed          | from 0
                    {"model":"demo","training_file":"F","method":{"type":"dpo"}}   | invalid_request | method.type   | use 'supervised'
                    {"model":"demo","training_file":"F","integrations":[{}]}       | invalid_request | integrations  | read the job's events
                    """)
    void namesTheParameterThatIsWrong(String body, String code, String parameter, String advice)
            throws JsonProcessingException {
        // Given
        JobRequest request = request(body.replace("\"F\"", "\"" + Jobs.ROWS + "\""));

        // When, Then
        assertThatThrownBy(() -> reader.read(request)).isInstanceOfSatisfying(ProductException.class, failure -> {
            assertThat(failure.code().wireName()).isEqualTo(code);
            assertThat(failure.parameter()).isEqualTo(parameter);
            assertThat(failure.detail()).contains(advice);
        });
    }

    @Test
    void refusesAFileOfAnotherPurposeAndOneThatHasExpired() throws JsonProcessingException {
        // Given
        FileId results = new FileId("file-resultsresultsresults");
        FileId expired = new FileId("file-expiredexpiredexpired");
        keep(results, FilePurpose.FINE_TUNE_RESULTS, null);
        keep(expired, FilePurpose.FINE_TUNE, Instant.EPOCH);
        String body = "{\"model\":\"demo\",\"training_file\":\"%s\"}";
        JobRequest onResults = request(body.formatted(results));
        JobRequest onExpired = request(body.formatted(expired));

        // When, Then
        assertThatThrownBy(() -> reader.read(onResults))
                .isInstanceOfSatisfying(
                        ProductException.class,
                        failure -> assertThat(failure.code()).isEqualTo(ErrorCode.INVALID_PURPOSE));
        assertThatThrownBy(() -> reader.read(onExpired)).hasMessageContaining("There is no file '" + expired + "'");
    }

    private void assertRefused(String hyperparameters, ErrorCode code, String parameter, String advice) {
        assertThatThrownBy(() -> read(hyperparameters)).isInstanceOfSatisfying(ProductException.class, failure -> {
            assertThat(failure.code()).isEqualTo(code);
            assertThat(failure.parameter()).isEqualTo(parameter);
            assertThat(failure.detail()).contains(advice);
        });
    }

    private JobSpec read(String hyperparameters) throws JsonProcessingException {
        return reader.read(request("""
                {"model":"demo","training_file":"%s",
                 "method":{"type":"supervised","supervised":{"hyperparameters":%s}}}""".formatted(Jobs.ROWS, hyperparameters)));
    }

    private static JobRequest request(String body) throws JsonProcessingException {
        return EventCodec.json().readValue(body, JobRequest.class);
    }

    private void keep(FileId file, FilePurpose purpose, @Nullable Instant expiresAt) {
        FileRecord entry = new FileRecord(file, 1, Jobs.NOW, "rows.jsonl", purpose, "ab".repeat(32), expiresAt);
        store.put(ArtifactLayout.fileRecord(file), EventCodec.bytes(entry), "application/json");
    }

    /// Knows the model `demo` only.
    private static final class OneModel implements BaseModels {

        @Override
        public BaseModelProfile profile(BaseModelId model) {
            if (!model.value().equals("demo")) {
                throw ProductException.of(ErrorCode.MODEL_NOT_FOUND, "There is no such model.");
            }
            return new BaseModelProfile("Qwen2ForCausalLM", "<|end|>", 1024);
        }

        @Override
        public Path fetch(BaseModelId model, FetchProgress progress) {
            throw new AssertionError("a request must not fetch weights");
        }
    }
}

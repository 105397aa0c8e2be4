package io.lorica.trainer.api;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorica.contracts.dataset.FilePurpose;
import io.lorica.contracts.dataset.FileRecord;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.id.BaseModelId;
import io.lorica.contracts.id.FileId;
import io.lorica.contracts.id.Owner;
import io.lorica.contracts.job.GgufFormat;
import io.lorica.contracts.job.GradientCheckpointing;
import io.lorica.contracts.job.JobSpec;
import io.lorica.contracts.job.LearningRateSchedule;
import io.lorica.contracts.job.LoraOptions;
import io.lorica.contracts.job.LoraSpec;
import io.lorica.contracts.job.LossRegion;
import io.lorica.contracts.job.OptimizerKind;
import io.lorica.contracts.job.OptimizerSpec;
import io.lorica.contracts.job.OverLength;
import io.lorica.contracts.job.RowPolicy;
import io.lorica.contracts.job.ScheduleShape;
import io.lorica.contracts.job.TrainingOptions;
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
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
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
        reader = new JobRequestReader(new OneModel(), store, new ParentReader(store));
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
        assertThat(spec.exportGguf()).isNull();
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
                 "export_merged":true,"export_gguf":"q8_0","use_rslora":true}""");

        // Then
        assertThat(spec.plan().batchSize()).isEqualTo(8);
        assertThat(spec.plan().learningRate()).isEqualTo(1e-4);
        assertThat(spec.plan().maxSteps()).isEqualTo(7);
        assertThat(spec.plan().schedule()).isEqualTo(LearningRateSchedule.COSINE);
        assertThat(spec.lora().targetModules()).containsExactly("q_proj", "v_proj");
        assertThat(spec.lora().rankStabilized()).isTrue();
        assertThat(spec.template()).isEqualTo(PromptTemplate.REFERENCE_ZH);
        assertThat(spec.exportMerged()).isTrue();
        assertThat(spec.exportGguf()).isEqualTo(GgufFormat.Q8_0);
        assertThat(HyperparameterView.all(spec)).containsEntry("export_gguf", "q8_0");
    }

    @Test
    void takesTheWordsOfPeftAndTransformers() throws JsonProcessingException {
        // When
        JobSpec spec = read("""
                {"lr_scheduler":"cosine_with_restarts","lr_num_cycles":3,"warmup_ratio":0.03,"adam_beta2":0.95,
                 "over_length":"split","packing":true,"train_on":"full","gradient_checkpointing":true,
                 "use_dora":true,"target_modules":".*\\\\.(q|v)_proj","layers_to_transform":[0,2],
                 "rank_pattern":{"q_proj":4},"alpha_pattern":{"v_proj":2.5},"loraplus_lr_ratio":4}""");

        // Then
        TrainingOptions options = spec.plan().extras();
        assertThat(spec.plan().schedule()).isEqualTo(LearningRateSchedule.COSINE_WITH_RESTARTS);
        assertThat(spec.plan().warmupSteps()).isZero();
        assertThat(options.scheduleShape()).isEqualTo(new ScheduleShape(0.03, 3.0, null, null, null));
        assertThat(options.optimizer()).isEqualTo(new OptimizerSpec(OptimizerKind.ADAMW, 0.9, 0.95, 1e-8));
        assertThat(options.rows()).isEqualTo(new RowPolicy(OverLength.SPLIT, true, LossRegion.FULL));
        assertThat(options.gradientCheckpointing()).isEqualTo(GradientCheckpointing.LAYERS);
        assertThat(spec.lora().extras())
                .isEqualTo(new LoraOptions(
                        true, ".*\\.(q|v)_proj", List.of(0, 2), Map.of("q_proj", 4), Map.of("v_proj", 2.5), 4.0));
    }

    @Test
    void readsThePlaceOfOlderClients() throws JsonProcessingException {
        // When
        JobSpec spec = reader.read(
                request("{\"model\":\"demo\",\"training_file\":\"" + Jobs.ROWS
                        + "\",\"hyperparameters\":{\"n_epochs\":2}}"),
                Owner.DEFAULT,
                _ -> {});

        // Then
        assertThat(spec.plan().epochs()).isEqualTo(2);
    }

    @Test
    void refusesTwoPlacesThatContradictEachOther() throws JsonProcessingException {
        // Given
        String both = "{\"model\":\"demo\",\"training_file\":\"%s\",\"hyperparameters\":{\"n_epochs\":2},"
                + "\"method\":{\"type\":\"supervised\",\"supervised\":{\"hyperparameters\":{\"n_epochs\":%d}}}}";

        // When, Then
        assertThat(reader.read(request(both.formatted(Jobs.ROWS, 2)), Owner.DEFAULT, _ -> {})
                        .plan()
                        .epochs())
                .isEqualTo(2);
        JobRequest contradicting = request(both.formatted(Jobs.ROWS, 3));
        assertThatThrownBy(() -> reader.read(contradicting, Owner.DEFAULT, _ -> {}))
                .isInstanceOfSatisfying(ProductException.class, failure -> {
                    assertThat(failure.parameter()).isEqualTo(PLACE + "n_epochs");
                    assertThat(failure.detail()).contains("different values");
                });
    }

    @Test
    void quotesNoMoreOfANameOrValueThanHelps() {
        // Given
        String text = "x".repeat(40_000);

        // When, Then
        assertRefused("{\"" + text + "\":1}", ErrorCode.UNKNOWN_PARAMETER, PLACE + "x".repeat(64) + "…", "known are");
        assertThatThrownBy(() -> read("{\"batch_size\":\"" + text + "\"}"))
                .satisfies(failure -> assertThat(failure.getMessage()).hasSizeLessThan(200));
    }

    @Test
    void documentsTheNumbersThatItTakes() throws IOException {
        // Given
        List<String> rows = Files.readAllLines(Path.of("../docs/api.md"));

        // When, Then
        assertThat(HyperparameterRange.values())
                .allSatisfy(range -> assertThat(rows)
                        .filteredOn(row ->
                                row.startsWith("| `") && row.split(" \\| ")[0].contains("`" + range.wireName() + "`"))
                        .singleElement()
                        .satisfies(row -> assertThat(row).contains(range.words())));
    }

    @Test
    void asksForNoMoreWarmupThanThereAreSteps() throws JsonProcessingException {
        // When, Then
        assertThat(read("{\"max_steps\":3}").plan().warmupSteps()).isEqualTo(2);
        assertThat(read("{\"max_steps\":60}").plan().warmupSteps()).isEqualTo(5);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    {"lora_rank":0}            | lora_rank        | it must be a whole number from 1 to 1024
                    {"lora_dropout":1}         | lora_dropout     | it must be a number in [0, 1)
                    {"batch_size":"many"}      | batch_size       | it must be a whole number
                    {"batch_size":1.5}         | batch_size       | it must be a whole number
                    {"learning_rate":-1}       | learning_rate    | it must be a number above 0 and at most 1
                    {"template":"alpaca"}      | template         | it must be one of
                    {"max_seq_length":4096}    | max_seq_length   | this model takes at most 1024
                    {"target_modules":["q"]}   | target_modules   | choose from
                    {"target_modules":[]}      | target_modules   | name at least one projection
                    {"export_merged":"yes"}    | export_merged    | it must be true or false
                    {"export_gguf":"q4_0"}     | export_gguf      | one of f16, bf16, q8_0
                    {"lr_scheduler":"stairs"}  | lr_scheduler     | cosine_with_restarts
                    {"lr_power":2}             | lr_power         | it is for polynomial
                    {"warmup_ratio":2}         | warmup_ratio     | a number in [0, 1)
                    {"warmup_ratio":0.1,"warmup_steps":3}        | warmup_ratio     | give one of them
                    {"lr_scheduler":"constant","warmup_steps":3} | warmup_steps     | use constant_with_warmup
                    {"learning_rate":1e-3,"learning_rate_multiplier":2} | learning_rate_multiplier | give one of them
                    {"optim":"sgd"}            | optim            | one of adamw
                    {"adam_beta2":1}           | adam_beta2       | a number in [0, 1)
                    {"quantization":"int4"}    | quantization     | one of none, nf4
                    {"double_quantization":true} | double_quantization | set quantization to nf4 or fp4
                    {"quantize_embeddings":"int8"} | quantize_embeddings | it must be true or false
                    {"over_length":"wrap"}     | over_length      | one of drop, truncate, split, raise
                    {"train_on":"completion"}  | train_on         | one of all, last, full
                    {"gradient_checkpointing":"some"} | gradient_checkpointing | one of none, layers, offload
                    {"eval_every":5}           | eval_every       | give a validation_file
                    {"early_stopping_patience":2} | early_stopping_patience | give a validation_file
                    {"load_best_model_at_end":true} | load_best_model_at_end | give a validation_file
                    {"early_stopping_threshold":0.1} | early_stopping_threshold | set both
                    {"neftune_noise_alpha":-1} | neftune_noise_alpha | from 0 to 1000
                    {"bias":"some"}            | bias             | one of none, all, lora_only
                    {"init_lora_weights":"eva"} | init_lora_weights | pissa_niter_<n>
                    {"init_lora_weights":false} | init_lora_weights | it must be true, gaussian
                    {"loftq_iter":2}           | loftq_iter       | without init_lora_weights loftq
                    {"layers_to_transform":[0.5]} | layers_to_transform | a whole number or a list
                    {"rank_pattern":{"q_proj":"x"}} | rank_pattern | an object of whole numbers
                    {"rank_pattern":{"q_proj":0}} | rank_pattern  | from 1 to 1024
                    {"target_modules":".*(q_proj"} | target_modules | not a regular expression
                    {"target_modules":"q"}     | target_modules   | choose from
                    {"target_modules":[null]}  | target_modules   | a list of at most 1024 names
                    {"target_modules":"(?!x).*"} | target_modules | lookaround cannot be used
                    {"target_modules":"(?<=x)q.*"} | target_modules | lookaround cannot be used
                    {"target_modules":"(q)\\\\1"} | target_modules | back-references cannot be used
                    {"target_modules":"(?P<x>q)(?P=x)"} | target_modules | back-references cannot be used
                    {"target_modules":".*+q"}  | target_modules   | possessive
                    {"target_modules":"(.{1000}){1000}"} | target_modules | smaller counts
                    {"exclude_modules":"(?=x)q"} | exclude_modules | lookaround cannot be used
                    {"rank_pattern":{"(?=x)q":4}} | rank_pattern  | lookaround cannot be used
                    {"alpha_pattern":{"(?!x)q":4}} | alpha_pattern | lookaround cannot be used
                    {"learning_rate":1e9}      | learning_rate    | at most 1
                    {"learning_rate":1e400}    | learning_rate    | at most 1
                    {"learning_rate":"NaN"}    | learning_rate    | it must be a number
                    {"learning_rate":0}        | learning_rate    | above 0
                    {"learning_rate_multiplier":1e300} | learning_rate_multiplier | at most 1000
                    {"batch_size":100000000}   | batch_size       | from 1 to 1024
                    {"batch_size":2.0}         | batch_size       | a whole number
                    {"max_steps":2147483647}   | max_steps        | from 1 to 1000000
                    {"max_steps":3,"warmup_steps":5} | warmup_steps | never reach learning_rate
                    {"n_epochs":100000}        | n_epochs         | from 1 to 1000
                    {"lora_rank":1000000}      | lora_rank        | from 1 to 1024
                    {"lora_alpha":1e400}       | lora_alpha       | at most 65536
                    {"adam_epsilon":1e400}     | adam_epsilon     | at most 1
                    {"weight_decay":1e9}       | weight_decay     | from 0 to 1
                    {"max_grad_norm":1e400}    | max_grad_norm    | from 0 to 1000000
                    {"lr_end":1e400,"lr_scheduler":"polynomial"} | lr_end | from 0 to 1
                    {"loraplus_lr_ratio":1e400} | loraplus_lr_ratio | at most 1024
                    {"checkpoint_every":99999999999} | checkpoint_every | a whole number
                    {"log_every":0}            | log_every        | from 1 to 1000000
                    {"init_lora_weights":"loftq","loftq_iter":1000} | loftq_iter | from 1 to 100
                    {"init_lora_weights":"pissa_niter_9999"} | init_lora_weights | from 1 to 100
                    """)
    void namesTheHyperparameterThatIsWrong(String hyperparameters, String name, String advice) {
        assertRefused(hyperparameters, ErrorCode.INVALID_REQUEST, PLACE + name, advice);
    }

    @Test
    void suggestsTheNameThatWasMeant() {
        assertRefused(
                "{\"lora_rnak\":4}", ErrorCode.UNKNOWN_PARAMETER, PLACE + "lora_rnak", "did you mean 'lora_rank'?");
        assertRefused("{\"warp\":9}", ErrorCode.UNKNOWN_PARAMETER, PLACE + "warp", "known are adam_beta1,");
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
                    {"model":"demo","training_file":"F","seed":1.5}                | invalid_request | seed          | a whole number
                    {"model":"demo","training_file":"F","seed":2147483648}         | invalid_request | seed          | 2147483647
                    {"model":"demo","training_file":"F","metadata":{"a":null}}     | invalid_request | metadata      | pairs of texts
                    {"model":"demo","training_file":"F","metadata":{"a":1}}        | invalid_request | metadata      | pairs of texts
                    {"model":"demo","training_file":"F","method":{"dpo":{}}}       | invalid_request | method.dpo    | method.supervised
                    {"model":"demo","training_file":"F","integrations":[{}]}       | invalid_request | integrations  | read the job's events
                    """)
    void namesTheParameterThatIsWrong(String body, String code, String parameter, String advice)
            throws JsonProcessingException {
        // Given
        JobRequest request = request(body.replace("\"F\"", "\"" + Jobs.ROWS + "\""));

        // When, Then
        assertThatThrownBy(() -> reader.read(request, Owner.DEFAULT, _ -> {}))
                .isInstanceOfSatisfying(ProductException.class, failure -> {
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
        assertThatThrownBy(() -> reader.read(onResults, Owner.DEFAULT, _ -> {}))
                .isInstanceOfSatisfying(
                        ProductException.class,
                        failure -> assertThat(failure.code()).isEqualTo(ErrorCode.INVALID_PURPOSE));
        assertThatThrownBy(() -> reader.read(onExpired, Owner.DEFAULT, _ -> {}))
                .hasMessageContaining("There is no file '" + expired + "'");
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
                 "method":{"type":"supervised","supervised":{"hyperparameters":%s}}}""".formatted(Jobs.ROWS, hyperparameters)), Owner.DEFAULT, _ -> {});
    }

    @Test
    void takesNoFileOfAnotherCaller() {
        assertThatThrownBy(() -> reader.read(
                        request("{\"model\":\"demo\",\"training_file\":\"" + Jobs.ROWS + "\"}"),
                        new Owner("bob"),
                        _ -> {}))
                .isInstanceOfSatisfying(ProductException.class, failure -> {
                    assertThat(failure.code()).isEqualTo(ErrorCode.INVALID_TRAINING_FILE);
                    assertThat(failure.detail()).startsWith("There is no file '" + Jobs.ROWS + "'");
                });
    }

    private static JobRequest request(String body) throws JsonProcessingException {
        return EventCodec.json().readValue(body, JobRequest.class);
    }

    private void keep(FileId file, FilePurpose purpose, @Nullable Instant expiresAt) {
        FileRecord entry = FileRecord.of(file, 1, Jobs.NOW, "rows.jsonl", purpose, "ab".repeat(32))
                .expiringAt(expiresAt);
        store.put(ArtifactLayout.fileRecord(file), EventCodec.bytes(entry), "application/json");
    }

    @Test
    void refusesAModelThatLoadingWouldRefuse() {
        // Given
        String body = "{\"model\":\"gemma\",\"training_file\":\"" + Jobs.ROWS + "\"}";

        // When // Then
        assertThatExceptionOfType(ProductException.class)
                .isThrownBy(() -> reader.read(request(body), Owner.DEFAULT, _ -> {}))
                .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.UNSUPPORTED_MODEL))
                .satisfies(e -> assertThat(e.parameter()).isEqualTo("model"))
                .withMessageContaining("its architecture is 'GemmaForCausalLM'");
    }

    /// Knows the models `demo` and `gemma` only.
    static final class OneModel implements BaseModels {

        static JsonNode config() {
            return EventCodec.json()
                    .createObjectNode()
                    .put("vocab_size", 8)
                    .put("hidden_size", 8)
                    .put("intermediate_size", 8)
                    .put("num_hidden_layers", 1)
                    .put("num_attention_heads", 1)
                    .put("num_key_value_heads", 1)
                    .set("architectures", EventCodec.json().createArrayNode().add("Qwen2ForCausalLM"));
        }

        @Override
        public BaseModelProfile profile(BaseModelId model) {
            if (model.value().equals("gemma")) {
                JsonNode gemma = ((ObjectNode) config())
                        .set(
                                "architectures",
                                EventCodec.json().createArrayNode().add("GemmaForCausalLM"));
                return new BaseModelProfile("GemmaForCausalLM", "<eos>", 1024, gemma);
            }
            if (!model.value().equals("demo")) {
                throw ProductException.of(ErrorCode.MODEL_NOT_FOUND, "There is no such model.");
            }
            return new BaseModelProfile("Qwen2ForCausalLM", "<|end|>", 1024, config());
        }

        @Override
        public Path fetch(BaseModelId model, FetchProgress progress) {
            throw new AssertionError("a request must not fetch weights");
        }

        @Override
        public Optional<Path> here(BaseModelId model) {
            return Optional.empty();
        }
    }
}

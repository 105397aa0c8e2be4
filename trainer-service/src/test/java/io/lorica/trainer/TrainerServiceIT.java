package io.lorica.trainer;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import io.lorica.contracts.adapter.AdapterManifest;
import io.lorica.contracts.adapter.ArtifactFile;
import io.lorica.contracts.dataset.FileRecord;
import io.lorica.contracts.event.DomainEvent;
import io.lorica.contracts.event.Topic;
import io.lorica.contracts.id.FileId;
import io.lorica.contracts.id.JobId;
import io.lorica.contracts.id.ModelName;
import io.lorica.contracts.job.ParentAdapter;
import io.lorica.kit.event.EventCodec;
import io.lorica.kit.event.EventLog;
import io.lorica.kit.event.LogRecord;
import io.lorica.kit.http.Caller;
import io.lorica.storage.ArtifactLayout;
import io.lorica.storage.Digests;
import io.lorica.storage.ObjectKey;
import io.lorica.storage.ObjectStore;
import io.lorica.testkit.LoricaPlatform;
import io.lorica.trainer.execution.AttemptClaims;
import io.lorica.trainer.job.Decision;
import io.lorica.trainer.job.Job;
import io.lorica.trainer.job.JobCatalog;
import io.lorica.trainer.journal.JobJournal;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static io.restassured.RestAssured.given;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.not;

@QuarkusTest
@WithTestResource(value = LoricaPlatform.class, scope = TestResourceScope.GLOBAL)
class TrainerServiceIT {

    private static final String JOBS = "/v1/fine_tuning/jobs";
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final int STEPS = 6;
    private static final int MAX_ATTEMPTS = 5;
    private static final String WEIGHTS = "adapter_model.safetensors";

    @Inject
    DatasetStub datasets;

    @Inject
    ObstructedEngine engine;

    @Inject
    RecordedEnd processEnd;

    @Inject
    ObjectStore store;

    @Inject
    EventLog log;

    @Inject
    JobJournal journal;

    @Inject
    JobCatalog catalog;

    @Inject
    AttemptClaims claims;

    private FileId file;

    @BeforeEach
    void upload() {
        await().atMost(PATIENCE).until(() -> given().get(JOBS).statusCode() == 200);
        file = datasets.upload();
    }

    @Test
    void trainsFromRowsToAPublishedAdapter() throws IOException {
        // Given
        String id = submit(Map.of("export_merged", true, "export_gguf", "q8_0"));
        assertThat(get(id).getString("status")).isEqualTo("validating_files");

        // When
        datasets.accept(id, file);
        JsonPath job = awaitStatus(id, "succeeded");

        // Then
        assertThat(job.getString("fine_tuned_model")).startsWith("ft:").contains(":lorica:");
        assertThat(job.getLong("trained_tokens")).isPositive();
        assertThat(steps(id)).isEqualTo(List.of(6, 4, 2));
        List<String> story = messages(id);
        assertThat(story.getFirst()).isEqualTo("The job has successfully completed");
        assertThat(story.getLast()).startsWith("Created fine-tuning job");
        assertThat(story)
                .anyMatch(message -> message.startsWith("The job is forecast to take "))
                .anyMatch(message -> message.startsWith("Training on ") && message.endsWith("gradients: by hand"));
        assertThat(table(job)).hasSize(1 + STEPS).first().asString().startsWith("step,train_loss");
        AdapterManifest adapter = adapter(job);
        assertThat(adapter.files()).extracting(ArtifactFile::name).contains(WEIGHTS, "adapter_config.json");
        assertThat(adapter.merged())
                .extracting(ArtifactFile::name)
                .contains("config.json", "tokenizer.json", "merge_proof.json");
        assertThat(adapter.gguf())
                .extracting(ArtifactFile::name)
                .containsExactly("adapter-q8_0.gguf", "model-q8_0.gguf");
        assertThat(adapter.gguf())
                .allSatisfy(part ->
                        assertThat(store.read(new ObjectKey(part.key()))).startsWith("GGUF".getBytes(UTF_8)));
        assertThat(results(job))
                .extracting(FileRecord::filename)
                .startsWith("step_metrics.csv")
                .contains("config.json", "model-q8_0.gguf", "adapter-q8_0.gguf");
        assertThat(adapter.files())
                .allSatisfy(part -> assertThat(Digests.sha256(store.read(new ObjectKey(part.key()))))
                        .isEqualTo(part.sha256()));
    }

    @Test
    void publishesAnAdapterThatGgufCannotHoldWithoutItsFile() throws IOException {
        // When
        JsonPath job = train(Map.of("max_steps", 1, "use_dora", true, "export_gguf", "f16"));

        // Then
        assertThat(messages(job.getString("id")))
                .contains("model-f16.gguf is written, for llama.cpp and what builds on it.")
                .anyMatch(
                        message -> message.startsWith("adapter-f16.gguf is not written.") && message.contains("DoRA"));
        assertThat(adapter(job).files()).extracting(ArtifactFile::name).contains(WEIGHTS);
        assertThat(adapter(job).merged()).isEmpty();
        assertThat(results(job)).extracting(FileRecord::filename).containsExactly("step_metrics.csv", "model-f16.gguf");
    }

    @ParameterizedTest
    @ValueSource(strings = {"saveMerged", "exportMerged"})
    void keepsTheTrainingWhereAnExportCannotBeWrittenAndMakesWhatIsMissingWhenAsked(String refused) throws IOException {
        // Given
        engine.refuseWritesOf(refused);
        JsonPath job = train(Map.of("max_steps", 2, "export_merged", true, "export_gguf", "q8_0"));
        String id = job.getString("id");
        AdapterManifest published = adapter(job);
        assertThat(messages(id))
                .anyMatch(message -> message.startsWith("export_failed: ") && message.contains(id + "/resume"));
        assertThat(published.files()).extracting(ArtifactFile::name).contains(WEIGHTS);
        assertThat(published.gguf()).isEmpty();
        int steps = engine.steps();

        // When
        engine.refuseWritesOf("nothing");
        given().post(JOBS + "/" + id + "/resume").then().statusCode(200).body("status", equalTo("succeeded"));
        JsonPath complete = await().atMost(PATIENCE)
                .until(
                        () -> get(id),
                        now -> now.getList("result_files").size()
                                > job.getList("result_files").size());

        // Then
        assertThat(engine.steps()).isEqualTo(steps);
        assertThat(results(complete))
                .extracting(FileRecord::filename)
                .startsWith("step_metrics.csv")
                .contains("model.safetensors", "merge_proof.json", "model-q8_0.gguf", "adapter-q8_0.gguf");
        AdapterManifest whole = adapter(complete);
        assertThat(whole.files()).isEqualTo(published.files());
        assertThat(whole.merged()).containsAll(published.merged());
        assertThat(complete.getLong("finished_at")).isEqualTo(job.getLong("finished_at"));
        assertThat(messages(id)).containsOnlyOnce("The job has successfully completed");
        given().post(JOBS + "/" + id + "/resume")
                .then()
                .statusCode(400)
                .body("error.code", equalTo("job_not_resumable"));
    }

    @Test
    void trainsOnAGgufFileAsOnTheSameNumbersInSafetensors() throws IOException {
        // Given
        Map<String, Object> own = Map.of("max_steps", 2);
        AdapterManifest expected = adapter(train(own));
        Map<String, Object> body = new HashMap<>(body(own));
        body.put("model", datasets.modelInOneFile());

        // When
        AdapterManifest adapter = adapter(train(submission(body).post(JOBS)));

        // Then
        assertThat(adapter.name().toString()).startsWith("ft:demo.gguf:");
        assertThat(adapter.spec().terminator()).isEqualTo(expected.spec().terminator());
        assertThat(weights(adapter)).isEqualTo(weights(expected));
        assertThat(adapter.files()).extracting(ArtifactFile::name).contains("tokenizer.json");
    }

    @Test
    void goesOnFromTheCheckpointOfALostTrainerToTheSameAdapter() throws IOException {
        // Given
        JsonPath whole = train();
        AdapterManifest earlier =
                stored(ArtifactLayout.checkpointManifest(adapter(whole).adapter(), 4));
        String id = submit(Map.of());
        Job lost = catalog.find(new JobId(id)).orElseThrow();
        claims.claimNext(lost.id());
        AdapterManifest checkpoint = checkpointOf(lost, earlier);
        store.put(
                ArtifactLayout.checkpointManifest(lost.adapter(), 4), EventCodec.bytes(checkpoint), "application/json");

        // When
        datasets.accept(id, file);
        JsonPath resumed = awaitStatus(id, "succeeded");

        // Then
        assertThat(messages(id)).anyMatch(message -> message.contains("resumed from step 4 (attempt 2)"));
        assertThat(weights(adapter(resumed))).isEqualTo(weights(adapter(whole)));
    }

    @Test
    void goesOnWithAFinishedRunToTheSameAdapterAsOneThatWasPlannedSo() throws IOException {
        // Given
        Map<String, Object> constant = Map.of("lr_scheduler", "constant");
        JsonPath planned = train(constant);
        JsonPath shorter = train(Map.of("lr_scheduler", "constant", "max_steps", 4));
        String model = shorter.getString("fine_tuned_model");

        // When
        JsonPath more = train(submission(on(model, Map.of("continue", true, "max_steps", STEPS)))
                .post(JOBS));

        // Then
        assertThat(weights(adapter(more))).isEqualTo(weights(adapter(planned)));
        assertThat(more.getLong("trained_tokens")).isEqualTo(planned.getLong("trained_tokens"));
        assertThat(more.getString("model")).isEqualTo(model);
        assertThat(more.getString("parent.model")).isEqualTo(model);
        assertThat(more.getInt("parent.step")).isEqualTo(4);
        assertThat(steps(more.getString("id"))).containsExactly(6);
        assertThat(messages(more.getString("id")))
                .anyMatch(message -> message.contains("goes on with the run of " + model + " from step 4"));
        ParentAdapter lineage = adapter(more).spec().parent();
        assertThat(lineage).isNotNull();
        assertThat(lineage.digest()).isEqualTo(Digests.sha256(weights(adapter(shorter))));
    }

    @Test
    void beginsANewRunOnACheckpointAndEndsOneWhoseModelIsGone() throws IOException {
        // Given
        JsonPath first = train(Map.of("lora_rank", 4));
        String checkpoint = first.getString("fine_tuned_model") + ":ckpt-step-2";

        // When
        JsonPath second =
                train(submission(on(checkpoint, Map.of("max_steps", 2))).post(JOBS));
        String waiting = submission(on(second.getString("fine_tuned_model"), Map.of("max_steps", 2)))
                .post(JOBS)
                .then()
                .statusCode(200)
                .extract()
                .path("id");
        store.delete(ArtifactLayout.adapterManifest(adapter(second).adapter()));
        datasets.accept(waiting, file);
        JsonPath failed = awaitStatus(waiting, "failed");

        // Then
        assertThat(second.getString("parent.model")).isEqualTo(checkpoint);
        assertThat(second.getMap("method.supervised.hyperparameters")).containsEntry("lora_rank", 4);
        assertThat(failed.getString("error.code")).isEqualTo("model_not_found");
        assertThat(failed.getString("error.message")).contains("was deleted after the job was submitted");
    }

    private Map<String, Object> on(String model, Map<String, Object> hyperparameters) {
        return Map.of("model", model, "training_file", file.value(), "hyperparameters", hyperparameters);
    }

    @Test
    void endsEarlyWhereTheValidationLossFallsNoMoreAndPublishesTheBestAdapter() throws IOException {
        // Given: a rate that grows step by step until it is far too high
        Map<String, Object> own = new HashMap<>(Map.of("learning_rate", 1, "warmup_steps", 49, "max_steps", 50));
        own.putAll(Map.of("eval_every", 1, "early_stopping_patience", 1, "load_best_model_at_end", true));
        Map<String, Object> body = new HashMap<>(body(own));
        body.put("validation_file", file.value());
        String id = submission(body).post(JOBS).then().statusCode(200).extract().path("id");

        // When
        datasets.accept(id, file);
        AdapterManifest published = adapter(awaitStatus(id, "succeeded"));

        // Then: the adapter is that of the last step but one
        int best = published.step();
        assertThat(messages(id))
                .anyMatch(message -> message.startsWith("The job ends early") && message.endsWith("after step " + best))
                .anyMatch(message -> message.contains("the adapter after step " + best + ", whose validation loss of"));
        assertThat(steps(id)).first().isEqualTo(best + 1);
        AdapterManifest same = stored(ArtifactLayout.checkpointManifest(published.adapter(), best));
        AdapterManifest last = stored(ArtifactLayout.checkpointManifest(published.adapter(), best + 1));
        assertThat(weights(published)).isEqualTo(weights(same)).isNotEqualTo(weights(last));
    }

    @Test
    void endsAJobWhoseRowsCannotBeUsed() {
        // Given
        String id = submit(Map.of());

        // When
        datasets.reject(id, file);
        JsonPath job = awaitStatus(id, "failed");

        // Then
        assertThat(job.getString("error.code")).isEqualTo("invalid_training_file");
        assertThat(job.getString("error.param")).isEqualTo("training_file");
        assertThat(job.getString("error.message")).isEqualTo("No row is usable.");
    }

    @Test
    void endsAJobWhoseTrainersGetNowhere() {
        // Given
        String id = submit(Map.of());
        for (int i = 0; i < MAX_ATTEMPTS; i++) {
            claims.claimNext(new JobId(id));
        }

        // When
        datasets.accept(id, file);
        JsonPath job = awaitStatus(id, "failed");

        // Then
        assertThat(job.getString("error.message")).contains("last 5 trainers", "batch_size");
    }

    @Test
    void stopsAJobThatTrainsAndKeepsWhatItLearned() {
        // Given
        String id = submit(Map.of("max_steps", 100_000));
        datasets.accept(id, file);
        await().atMost(PATIENCE).until(() -> !steps(id).isEmpty());

        // When
        given().post(JOBS + "/" + id + "/cancel").then().statusCode(200);
        awaitStatus(id, "cancelled");

        // Then
        assertThat(messages(id).getFirst()).startsWith("The job was cancelled after step ");
        given().post(JOBS + "/" + id + "/cancel")
                .then()
                .statusCode(400)
                .body("error.code", equalTo("job_not_cancellable"));
    }

    @Test
    void endsAJobThatCannotBeStoppedAndThenTheProcess() {
        // Given
        String id = submit(Map.of());
        engine.spinIn("open");
        datasets.accept(id, file);
        await().atMost(PATIENCE)
                .until(
                        () -> given().get("/q/health/live").path("checks.find { it.name == 'worker' }.data.state"),
                        "working"::equals);

        // When
        given().post(JOBS + "/" + id + "/cancel").then().statusCode(200);

        // Then
        awaitStatus(id, "cancelled");
        await().atMost(PATIENCE).until(() -> given().get("/q/health/live").statusCode() == 503);
        assertThat(given().get("/q/health/live").<String>path("checks.find { it.name == 'worker' }.data.reason"))
                .contains(id, "loading the base model", "lorica.trainer.release-within");
        await().atMost(PATIENCE).until(() -> processEnd.reasons().stream().anyMatch(reason -> reason.contains(id)));
        engine.spinIn("nothing");
        await().atMost(PATIENCE).until(() -> given().get("/q/health/live").statusCode() == 200);
        assertThat(train().getString("status")).isEqualTo("succeeded");
        assertThat(get(id).getString("status")).isEqualTo("cancelled");
    }

    @Test
    void givesUpAJobThatStandsStillAndFailsItWithItsLastAttempt() {
        // Given
        String id = submit(Map.of());
        for (int i = 1; i < MAX_ATTEMPTS; i++) {
            claims.claimNext(new JobId(id));
        }
        engine.spinIn("stepAhead");

        // When
        datasets.accept(id, file);
        JsonPath job = awaitStatus(id, "failed");
        engine.spinIn("nothing");

        // Then
        assertThat(job.getString("error.code")).isEqualTo("stalled");
        assertThat(job.getString("error.message"))
                .contains("was at: training, step 1", "lorica.trainer.stall-limit", "the last of 5 attempts");
        assertThat(train().getString("status")).isEqualTo("succeeded");
    }

    @Test
    void waitsVisiblyForRoomOnTheDiskAndThenGoesOn() {
        // Given
        String id = submit(Map.of());
        engine.fillTheDiskFor("saveCheckpoint");
        datasets.accept(id, file);
        await().atMost(PATIENCE)
                .until(() -> messages(id).stream()
                        .anyMatch(message -> message.contains("(saving the last checkpoint)")
                                || message.contains("(saving a checkpoint)")));
        assertThat(messages(id))
                .anyMatch(message ->
                        message.startsWith("Waiting since 20") && message.contains("No space left on the disk of"));
        assertThat(get(id).getString("status")).isEqualTo("running");

        // When
        engine.fillTheDiskFor("nothing");
        awaitStatus(id, "succeeded");

        // Then
        assertThat(messages(id)).anyMatch(message -> message.startsWith("The wait is over after "));
        assertThat(messages(id)).noneMatch(message -> message.contains("attempt 2"));
        assertThat(given().get("/q/metrics").asString())
                .contains("lorica_trainer_waits_total{cause=\"out_of_disk\"}", "lorica_trainer_queue_jobs ");
    }

    @Test
    void goesOnWithACancelledJobFromItsCheckpoint() throws IOException {
        // Given
        Map<String, Object> own = Map.of("max_steps", 300, "checkpoint_every", 50);
        JsonPath whole = train(own);
        String id = submit(own);
        datasets.accept(id, file);
        await().atMost(PATIENCE).until(() -> !steps(id).isEmpty());
        given().post(JOBS + "/" + id + "/cancel").then().statusCode(200);
        awaitStatus(id, "cancelled");

        // When
        given().post(JOBS + "/" + id + "/resume").then().statusCode(200).body("status", equalTo("queued"));
        JsonPath resumed = awaitStatus(id, "succeeded");

        // Then
        assertThat(messages(id))
                .contains("The job was resumed, moving job to queued state")
                .anyMatch(message -> message.startsWith("Fine-tuning job resumed from step "));
        assertThat(weights(adapter(resumed))).isEqualTo(weights(adapter(whole)));
    }

    @Test
    void stopsAJobThatWaits() {
        // Given
        String id = submit(Map.of());

        // When
        given().post(JOBS + "/" + id + "/cancel").then().statusCode(200).body("status", equalTo("cancelled"));
        datasets.accept(id, file);

        // Then
        assertThat(train().getString("status")).isEqualTo("succeeded");
        assertThat(get(id).getString("status")).isEqualTo("cancelled");
    }

    @Test
    void bringsAJobBackThatFellOutOfTheQueue() {
        // Given
        Job submitted = catalog.find(new JobId(submit(Map.of()))).orElseThrow();
        DomainEvent.DatasetPublished rows = new DomainEvent.DatasetPublished(
                datasets.version(file), "datasets/manifest.json", submitted.id(), null, null);
        Job queued = submitted.filesValidated(rows).orElseThrow().job();
        journal.append(new Decision(queued, List.of(), false));

        // When
        log.append(List.of(
                LogRecord.of(Topic.TRAINING_QUEUE_DEAD_LETTERS, queued.id().value(), EventCodec.bytes(queued.id()))));

        // Then
        awaitStatus(queued.id().value(), "succeeded");
    }

    @Test
    void takesARepeatedSubmissionOnce() {
        // Given
        Map<String, Object> body = body(Map.of("lora_rank", 3));
        String first = submission(body)
                .header("Idempotency-Key", "k-" + file)
                .post(JOBS)
                .path("id");

        // When
        String sameKey = submission(body)
                .header("Idempotency-Key", "k-" + file)
                .post(JOBS)
                .path("id");
        String markedAsRetry = submission(body)
                .header("X-Stainless-Retry-Count", "1")
                .post(JOBS)
                .path("id");
        String meantAgain = submission(body).post(JOBS).path("id");

        // Then
        assertThat(sameKey).isEqualTo(first);
        assertThat(markedAsRetry).isEqualTo(first);
        assertThat(meantAgain).isNotEqualTo(first);
        submission(body(Map.of("lora_rank", 5)))
                .header("Idempotency-Key", "k-" + file)
                .post(JOBS)
                .then()
                .statusCode(400)
                .body("error.param", equalTo("Idempotency-Key"))
                .body("error.message", containsString("Use a new key"));
    }

    @Test
    void turnsThePagesOfItsJobs() {
        // Given
        String older = submit(Map.of());
        String newer = submit(Map.of());

        // When
        List<String> first = given().queryParam("limit", 1).get(JOBS).path("data.id");
        List<String> next =
                given().queryParams("limit", 1, "after", newer).get(JOBS).path("data.id");

        // Then
        assertThat(first).containsExactly(newer);
        assertThat(next).containsExactly(older);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "1001", "ten"})
    void namesALimitThatIsNone(String limit) {
        given().queryParam("limit", limit)
                .get(JOBS)
                .then()
                .statusCode(400)
                .body("error.param", equalTo("limit"))
                .body("error.message", containsString("from 1 to 1000, not '" + limit + "'"));
    }

    @Test
    void namesTheContentTypeThatItReads() {
        given().contentType("text/plain")
                .body("model=demo")
                .post(JOBS)
                .then()
                .statusCode(415)
                .body("error.message", containsString("Content-Type: application/json"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    {"modle":"a"}           | unknown_parameter | modle | is not a parameter of this call
                    {"hyperparameters":5}   | invalid_json      | hyperparameters | must be an object
                    {"model":               | invalid_json      |       | is not valid JSON
                    []                      | invalid_json      |       | it must be an object
                    {"model":"x y"}         | invalid_request   | training_file | is missing
                    """)
    void saysWhatIsWrongWithARequest(String body, String code, String parameter, String message) {
        given().contentType("application/json")
                .body(body)
                .post(JOBS)
                .then()
                .statusCode(400)
                .body("error.type", equalTo("invalid_request_error"))
                .body("error.code", equalTo(code))
                .body("error.param", equalTo(parameter))
                .body("error.message", containsString(message));
    }

    @Test
    void saysThatABodyIsMissing() {
        given().contentType("application/json")
                .post(JOBS)
                .then()
                .statusCode(400)
                .body("error.message", containsString("model and training_file"));
    }

    @ParameterizedTest
    @CsvSource({"''", "/events", "/checkpoints"})
    void knowsNoJobThatIsNotThere(String part) {
        given().get(JOBS + "/ftjob-missing0missing0" + part)
                .then()
                .statusCode(404)
                .body("error.code", equalTo("job_not_found"))
                .body("error.message", containsString("GET /v1/fine_tuning/jobs"));
    }

    @Test
    void hidesAJobFromCallersToWhomItDoesNotBelong() {
        // Given
        String id = submission(body(Map.of()))
                .header("Idempotency-Key", "the-same")
                .post(JOBS)
                .then()
                .statusCode(200)
                .extract()
                .path("id");
        String missing = "There is no fine-tuning job '" + id + "'. GET /v1/fine_tuning/jobs lists all jobs.";

        // When // Then
        for (String part : List.of("", "/events", "/checkpoints")) {
            asBob().get(JOBS + "/" + id + part).then().statusCode(404).body("error.message", equalTo(missing));
        }
        for (String part : List.of("/cancel", "/resume")) {
            asBob().post(JOBS + "/" + id + part).then().statusCode(404).body("error.message", equalTo(missing));
        }
        asBob().get(JOBS).then().statusCode(200).body("data.id", not(hasItem(id)));
        asBob().contentType("application/json")
                .header("Idempotency-Key", "the-same")
                .body(body(Map.of()))
                .post(JOBS)
                .then()
                .statusCode(400)
                .body("error.code", equalTo("invalid_training_file"))
                .body("error.message", not(containsString(id)));
        given().post(JOBS + "/" + id + "/cancel").then().statusCode(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/etc", "/no/such/place", "./x.gguf", "s3://lorica/x", "org/name"})
    void tellsSeveralCallersNothingOfTheDisk(String place) {
        Map<String, Object> body = new HashMap<>(body(Map.of()));
        body.put("model", place);
        given().header(Caller.SHARED, "true")
                .contentType("application/json")
                .body(body)
                .post(JOBS)
                .then()
                .statusCode(404)
                .body("error.code", equalTo("model_not_found"))
                .body(
                        "error.message",
                        equalTo("There is no model '" + place
                                + "'. GET /v1/models lists the models that can be asked for."));
    }

    private static RequestSpecification asBob() {
        return given().header(Caller.NAME, "bob");
    }

    private JsonPath train() {
        return train(Map.of());
    }

    private JsonPath train(Map<String, Object> own) {
        return train(submission(body(own)).post(JOBS));
    }

    private JsonPath train(Response submitted) {
        String id = submitted.then().statusCode(200).extract().path("id");
        datasets.accept(id, file);
        return awaitStatus(id, "succeeded");
    }

    private String submit(Map<String, Object> own) {
        return submission(body(own)).post(JOBS).then().statusCode(200).extract().path("id");
    }

    private static RequestSpecification submission(Map<String, Object> body) {
        return given().contentType("application/json").body(body);
    }

    private Map<String, Object> body(Map<String, Object> own) {
        Map<String, Object> hyperparameters = new HashMap<>(
                Map.of("max_steps", STEPS, "batch_size", 2, "gradient_accumulation_steps", 1, "checkpoint_every", 2));
        hyperparameters.put("log_every", 1);
        hyperparameters.putAll(own);
        return Map.of(
                "model", datasets.model(),
                "training_file", file.value(),
                "seed", 7,
                "method", Map.of("type", "supervised", "supervised", Map.of("hyperparameters", hyperparameters)));
    }

    private static JsonPath get(String id) {
        return given().get(JOBS + "/" + id).then().statusCode(200).extract().jsonPath();
    }

    private static JsonPath awaitStatus(String id, String status) {
        return await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(100))
                .until(() -> get(id), job -> job.getString("status").equals(status));
    }

    private static List<Integer> steps(String id) {
        return given().get(JOBS + "/" + id + "/checkpoints").path("data.step_number");
    }

    private static List<String> messages(String id) {
        return given().queryParam("limit", 1000)
                .get(JOBS + "/" + id + "/events")
                .path("data.message");
    }

    private List<String> table(JsonPath job) {
        FileId results = new FileId(job.getString("result_files[0]"));
        return new String(store.read(ArtifactLayout.fileContent(results)), UTF_8)
                .lines()
                .toList();
    }

    private List<FileRecord> results(JsonPath job) throws IOException {
        List<FileRecord> records = new ArrayList<>();
        for (String id : job.<String>getList("result_files")) {
            records.add(EventCodec.json()
                    .readValue(store.read(ArtifactLayout.fileRecord(new FileId(id))), FileRecord.class));
        }
        return records;
    }

    private AdapterManifest adapter(JsonPath job) throws IOException {
        ModelName.FineTuned name = (ModelName.FineTuned) ModelName.parse(job.getString("fine_tuned_model"));
        return stored(ArtifactLayout.adapterManifest(name.adapter()));
    }

    private AdapterManifest stored(ObjectKey key) throws IOException {
        return EventCodec.json().readValue(store.read(key), AdapterManifest.class);
    }

    private byte[] weights(AdapterManifest adapter) {
        return adapter.files().stream()
                .filter(part -> part.name().equals(WEIGHTS))
                .map(part -> store.read(new ObjectKey(part.key())))
                .findFirst()
                .orElseThrow();
    }

    private static AdapterManifest checkpointOf(Job job, AdapterManifest other) {
        return new AdapterManifest(
                job.adapter(),
                job.modelName().checkpoint(other.step()),
                job.id(),
                1,
                other.step(),
                job.spec(),
                other.dataset(),
                other.templateDigest(),
                other.metrics(),
                other.files(),
                List.of(),
                List.of(),
                other.device(),
                other.codeVersion(),
                Instant.now());
    }
}

package io.lorica.inference;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.URLEncoder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorica.contracts.adapter.AdapterManifest;
import io.lorica.contracts.event.DomainEvent;
import io.lorica.contracts.event.Topic;
import io.lorica.contracts.id.AdapterId;
import io.lorica.contracts.id.BaseModelId;
import io.lorica.contracts.id.JobId;
import io.lorica.contracts.id.ModelName;
import io.lorica.contracts.job.ParentAdapter;
import io.lorica.contracts.template.PromptTemplate;
import io.lorica.kit.event.EventLog;
import io.lorica.kit.event.LogRecord;
import io.lorica.kit.http.Caller;
import io.lorica.storage.ArtifactLayout;
import io.lorica.storage.ObjectKey;
import io.lorica.storage.ObjectStore;
import io.lorica.testkit.LoricaPlatform;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.path.json.JsonPath;
import io.restassured.response.ValidatableResponse;
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
import static org.hamcrest.Matchers.startsWith;

@QuarkusTest
@WithTestResource(value = LoricaPlatform.class, scope = TestResourceScope.GLOBAL)
class InferenceServiceIT {

    private static final String CHAT = "/v1/chat/completions";
    private static final String MODELS = "/v1/models";
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final List<Map<String, String>> LONG_STORY =
            List.of(Map.of("role", "user", "content", "Tell a long story of many stones."));

    @Inject
    Workshop workshop;

    @Inject
    ObjectStore store;

    @Inject
    EventLog log;

    @Inject
    MeterRegistry metrics;

    @TestHTTPResource
    URI address;

    private BaseModelId base;
    private ModelName.FineTuned name;

    @BeforeEach
    void nameAnAdapter() {
        await().atMost(PATIENCE).until(() -> given().get(MODELS).statusCode() == 200);
        base = workshop.model();
        name = Adapters.name(base);
    }

    @Test
    void servesAnAdapterThatAnEventTellsOf() {
        // Given
        publish();

        // When
        JsonPath answer = ask(name, Map.of()).statusCode(200).extract().jsonPath();

        // Then
        assertThat(answer.getString("object")).isEqualTo("chat.completion");
        assertThat(answer.getString("id")).startsWith("chatcmpl-");
        assertThat(answer.getString("model")).isEqualTo(name.toString());
        assertThat(answer.getString("choices[0].message.role")).isEqualTo("assistant");
        assertThat(answer.getString("choices[0].message.reasoning_content")).isEqualTo(Workshop.REASONING);
        assertThat(answer.getString("choices[0].message.content")).isEqualTo(Workshop.ANSWER);
        assertThat(answer.getString("choices[0].finish_reason")).isEqualTo("stop");
        assertThat(answer.getMap("choices[0].message")).containsKey("refusal");
        assertThat(answer.getInt("usage.total_tokens"))
                .isEqualTo(answer.getInt("usage.prompt_tokens") + answer.getInt("usage.completion_tokens"));
        assertThat(answer.getInt("usage.completion_tokens_details.reasoning_tokens"))
                .isPositive()
                .isLessThan(answer.getInt("usage.completion_tokens"));
    }

    @Test
    void hidesAModelFromCallersToWhomItDoesNotBelong() {
        // Given
        publish();
        String missing = "There is no model '" + name + "'. GET /v1/models lists the models that can be asked for.";

        // When // Then
        asBob().get(MODELS).then().statusCode(200).body("data.id", not(hasItem(name.toString())));
        asBob().get(MODELS + "/" + name).then().statusCode(404).body("error.message", equalTo(missing));
        asBob().delete(MODELS + "/" + name).then().statusCode(404).body("error.message", equalTo(missing));
        asBob().contentType(ContentType.JSON)
                .body(Map.of("model", name.toString(), "messages", LONG_STORY))
                .post("/v1/chat/completions")
                .then()
                .statusCode(404)
                .body("error.message", equalTo(missing));
        given().get(MODELS + "/" + name).then().statusCode(200);
    }

    @Test
    void tellsSeveralCallersNothingOfTheDisk() {
        for (String place : List.of("/etc", "/no/such/place", base.value(), "./x.gguf", "s3://lorica/x", "org/name")) {
            asBob().header(Caller.SHARED, "true")
                    .contentType(ContentType.JSON)
                    .body(Map.of("model", place, "messages", LONG_STORY))
                    .post("/v1/chat/completions")
                    .then()
                    .statusCode(404)
                    .body("error.code", equalTo("model_not_found"))
                    .body(
                            "error.message",
                            equalTo("There is no model '" + place
                                    + "'. GET /v1/models lists the models that can be asked for."));
        }
        given().header(Caller.SHARED, "true")
                .get(MODELS)
                .then()
                .statusCode(200)
                .body("data.id", not(hasItem(base.value())))
                .body("data.root", not(hasItem(containsString("/"))));
    }

    @Test
    void servesAnAdapterOnItsFirstRequest() {
        // Given
        store(name);

        // When
        JsonPath answer = ask(name, Map.of()).statusCode(200).extract().jsonPath();

        // Then
        assertThat(answer.getString("choices[0].message.content")).isEqualTo(Workshop.ANSWER);
        given().get(MODELS).then().body("data.id", hasItem(name.toString()));
    }

    @Test
    void servesAnAdapterOnAGgufFile() throws IOException {
        // Given
        base = workshop.modelInOneFile();
        store(name);

        // When
        JsonPath answer = ask(name, Map.of()).statusCode(200).extract().jsonPath();

        // Then
        assertThat(answer.getString("choices[0].message.reasoning_content")).isEqualTo(Workshop.REASONING);
        assertThat(answer.getString("choices[0].message.content")).isEqualTo(Workshop.ANSWER);
    }

    @Test
    void asksTheBaseModelWithoutAnAdapter() {
        // When
        JsonPath answer = ask(ModelName.parse(base.value()), Map.of("max_tokens", 5))
                .statusCode(200)
                .extract()
                .jsonPath();

        // Then
        assertThat(answer.getString("choices[0].finish_reason")).isEqualTo("length");
        assertThat(answer.getInt("usage.completion_tokens")).isEqualTo(5);
        assertThat(answer.getString("choices[0].message.content")).isEmpty();
        assertThat(answer.getString("choices[0].message.reasoning_content")).isNotEqualTo(Workshop.REASONING);
    }

    @Test
    void streamsAnAnswerInPieces() throws IOException {
        // Given
        store(name);

        // When
        List<JsonNode> chunks = stream(Map.of("stream_options", Map.of("include_usage", true)));

        // Then
        assertThat(chunks.getFirst().at("/choices/0/delta/role").asText()).isEqualTo("assistant");
        assertThat(joined(chunks, "reasoning_content")).isEqualTo(Workshop.REASONING);
        assertThat(joined(chunks, "content")).isEqualTo(Workshop.ANSWER);
        assertThat(chunks)
                .extracting(chunk -> chunk.path("id").asText())
                .containsOnly(chunks.getFirst().path("id").asText());
        assertThat(chunks.get(chunks.size() - 2).at("/choices/0/finish_reason").asText())
                .isEqualTo("stop");
        assertThat(chunks.getLast().path("choices")).isEmpty();
        assertThat(chunks.getLast().at("/usage/completion_tokens").asInt()).isPositive();
        assertThat(chunks.subList(0, chunks.size() - 1))
                .allSatisfy(chunk -> assertThat(chunk.get("usage").isNull()).isTrue());
    }

    @Test
    void leavesTheUsageOutOfAStreamThatDidNotAskForIt() throws IOException {
        // Given
        store(name);

        // When
        List<JsonNode> chunks = stream(Map.of());

        // Then
        assertThat(chunks.getLast().at("/choices/0/finish_reason").asText()).isEqualTo("stop");
    }

    @Test
    void listsTheCheckpointsOfAJobWhileItRuns() {
        // Given
        ModelName.Checkpoint checkpoint = name.checkpoint(2);
        AdapterManifest manifest = store(checkpoint);

        // When
        log.publish(new DomainEvent.CheckpointSaved(
                manifest.job(),
                1,
                manifest.adapter(),
                checkpoint,
                base,
                2,
                Adapters.key(checkpoint).value(),
                null));

        // Then
        awaitListed(checkpoint);
        given().get(MODELS + "/" + checkpoint)
                .then()
                .statusCode(200)
                .body("object", equalTo("model"))
                .body("root", equalTo(base.value()))
                .body("parent", equalTo(base.value()))
                .body("quantization", equalTo("none"));
        ask(checkpoint, Map.of()).statusCode(200).body("choices[0].message.content", equalTo(Workshop.ANSWER));
        ask(name, Map.of()).statusCode(404);
    }

    @Test
    void showsAModelByItsName() {
        // Given
        store(name);

        // When
        ValidatableResponse tuned = show(name.toString());

        // Then
        tuned.statusCode(200).body("id", equalTo(name.toString())).body("created", equalTo((int)
                Adapters.NOW.getEpochSecond()));
        show(base.value()).statusCode(200).body("id", equalTo(base.value()));
    }

    @Test
    void deletesAModelWithItsCheckpoints() {
        // Given
        AdapterManifest manifest = publish();
        store(name.checkpoint(2));
        ObjectKey table = ArtifactLayout.fileRecord(ArtifactLayout.resultTable(manifest.job()));
        store.put(table, new byte[1], "application/json");
        ObjectKey gguf = ArtifactLayout.ggufFiles(name.adapter()).child("model-f16.gguf");
        ObjectKey listed = ArtifactLayout.fileRecord(ArtifactLayout.resultFile(gguf));
        store.put(gguf, new byte[1], "application/octet-stream");
        store.put(listed, new byte[1], "application/json");

        // When
        given().delete(MODELS + "/" + name).then().statusCode(200).body("deleted", equalTo(true));

        // Then
        given().get(MODELS).then().body("data.id", not(hasItem(name.toString())));
        assertThat(store.list(ArtifactLayout.adapter(name.adapter()))).isEmpty();
        assertThat(List.of(listed, table)).allMatch(key -> store.stat(key).isEmpty());
        ask(name, Map.of()).statusCode(404).body("error.code", equalTo("model_not_found"));
        given().delete(MODELS + "/" + name).then().statusCode(404);
        given().delete(MODELS + "/" + name.checkpoint(2)).then().statusCode(404);
        given().delete(MODELS + "/{model}", base.value()).then().statusCode(400).body("error.param", equalTo("model"));
    }

    @Test
    void deletesTheCheckpointsOfAJobThatWasCancelledAndOfNoneThatIsNot() {
        // Given
        JobId job = JobId.random();
        ParentAdapter parent =
                new ParentAdapter(Adapters.name(base).toString(), AdapterId.random(), 3, "ab".repeat(32), false);
        log.publish(new DomainEvent.JobSubmitted(
                job, name.adapter(), Adapters.spec(base).on(parent)));
        store(name.checkpoint(2));
        AdapterManifest last = store(name.checkpoint(4));
        publish(name.checkpoint(4), last);
        given().delete(MODELS + "/" + name.checkpoint(2))
                .then()
                .statusCode(400)
                .body("error.code", equalTo("model_in_use"));
        given().delete(MODELS + "/" + name).then().statusCode(400).body("error.message", containsString("Cancel it"));

        // When
        log.publish(new DomainEvent.JobCancelled(job, 1, 4));
        await().atMost(PATIENCE)
                .until(() -> given().delete(MODELS + "/" + name.checkpoint(2)).statusCode() == 200);

        // Then: files that both have remain
        given().get(MODELS + "/" + name.checkpoint(2)).then().statusCode(404);
        assertThat(last.files())
                .allMatch(file -> store.stat(new ObjectKey(file.key())).isPresent());
        ask(name.checkpoint(4), Map.of()).statusCode(200);
        given().delete(MODELS + "/" + name).then().statusCode(200);
        assertThat(store.list(ArtifactLayout.adapter(name.adapter()))).isEmpty();
    }

    @Test
    void goesOnBehindARecordThatIsNoEvent() {
        // When
        log.append(List.of(LogRecord.of(Topic.ADAPTERS, name.adapter().value(), "no event".getBytes(UTF_8))));

        // Then
        publish();
    }

    @Test
    void refusesAnAdapterThatWasTrainedInOtherWords() {
        // Given
        Adapters.store(store, name, base, PromptTemplate.REFERENCE_EN.digest(), workshop.adapter());

        // Then
        ask(name, Map.of())
                .statusCode(400)
                .body("error.code", equalTo("template_mismatch"))
                .body("error.param", equalTo("model"))
                .body("error.message", containsString("train it again"));
    }

    @Test
    void refusesAnAdapterThatDoesNotFitItsBaseModel() {
        // Given
        Adapters.store(store, name, base, Adapters.files("no safetensors"));

        // Then
        ask(name, Map.of())
                .statusCode(400)
                .body("error.code", equalTo("unsupported_model"))
                .body("error.param", equalTo("model"));
    }

    @Test
    void refusesAnAdapterWhoseBaseModelIsNotHere() {
        // Given
        Adapters.store(store, name, new BaseModelId("/models/not-here"), workshop.adapter());

        // Then
        ask(name, Map.of())
                .statusCode(404)
                .body("error.code", equalTo("model_not_found"))
                .body("error.param", equalTo("model"))
                .body("error.message", containsString("no directory /models/not-here"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"ft:demo:lorica::abcd1234", "ft:demo:lorica::abcd1234:ckpt-step-3", "/models/none", "gpt-4o"})
    void saysThatThereIsNoSuchModel(String model) {
        ask(ModelName.parse(model), Map.of())
                .statusCode(404)
                .body("error.type", equalTo("invalid_request_error"))
                .body("error.code", equalTo("model_not_found"))
                .body("error.param", equalTo("model"));
        show(model).statusCode(404).body("error.code", equalTo("model_not_found"));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void refusesAPromptThatIsTooLongBeforeAnAnswerBegins(boolean stream) {
        // Given
        List<Map<String, String>> messages = List.of(Map.of("role", "user", "content", "stone ? ".repeat(3000)));

        // Then
        ask(ModelName.parse(base.value()), Map.of("messages", messages, "stream", stream))
                .statusCode(400)
                .contentType(startsWith("application/json"))
                .body("error.code", equalTo("context_length_exceeded"))
                .body("error.param", equalTo("messages"))
                .body("error.message", containsString("Shorten it"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"modle":"a"}                | unknown_parameter | modle    | is not a parameter of this call
            {"model":                    | invalid_json      |          | is not valid JSON
            []                           | invalid_json      |          | must be a JSON object
            null                         | invalid_json      |          | must be a JSON object
            ''                           | invalid_json      |          | must be a JSON object
            {}                           | invalid_request   | model    | GET /v1/models
            {"model":"a"}                | invalid_request   | messages | at least one message
            {"model":"a","n":2}          | invalid_request   | n        | leave it out
            """)
    void saysWhatIsWrongWithARequest(String body, String code, String parameter, String message) {
        given().contentType("application/json")
                .body(body)
                .post(CHAT)
                .then()
                .statusCode(400)
                .body("error.type", equalTo("invalid_request_error"))
                .body("error.code", equalTo(code))
                .body("error.param", equalTo(parameter))
                .body("error.message", containsString(message));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void stopsGeneratingWhenTheCallerGoesAway(boolean stream) throws IOException {
        // Given
        Map<String, Object> own = Map.of("max_tokens", 1000, "messages", LONG_STORY);
        int whole = ask(ModelName.parse(base.value()), own).extract().path("usage.completion_tokens");
        double before = generated();
        Map<String, Object> request = request(ModelName.parse(base.value()), own);
        request.put("stream", stream);
        String body = json(request);

        // When
        try (Socket caller = new Socket(InetAddress.getLoopbackAddress(), address.getPort())) {
            caller.getOutputStream()
                    .write(("POST " + CHAT + " HTTP/1.1\r\nHost: lorica\r\nContent-Type: application/json\r\n"
                                    + "Content-Length: " + body.getBytes(UTF_8).length + "\r\n\r\n" + body)
                            .getBytes(UTF_8));
            await().atMost(PATIENCE)
                    .pollInterval(Duration.ofMillis(20))
                    .until(() -> active() == 1 && generated() > before + 5);
        }

        // Then
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(20)).until(() -> active() == 0);
        assertThat(generated() - before).isLessThan(whole);
    }

    @Test
    void isHealthyWhileItsEngineRuns() {
        given().get("/q/health/live").then().statusCode(200).body("checks.name", hasItem("engine"));
        await().atMost(PATIENCE)
                .untilAsserted(() -> given().get("/q/health/ready").then().statusCode(200));
    }

    private AdapterManifest store(ModelName model) {
        return Adapters.store(store, model, base, workshop.adapter());
    }

    private AdapterManifest publish() {
        AdapterManifest manifest = store(name);
        log.publish(new DomainEvent.AdapterPublished(
                manifest, ArtifactLayout.adapterManifest(name.adapter()).value()));
        awaitListed(name);
        return manifest;
    }

    private void publish(ModelName.Checkpoint checkpoint, AdapterManifest manifest) {
        log.publish(new DomainEvent.CheckpointSaved(
                manifest.job(),
                1,
                manifest.adapter(),
                checkpoint,
                base,
                checkpoint.step(),
                Adapters.key(checkpoint).value(),
                null));
        awaitListed(checkpoint);
    }

    private static ValidatableResponse show(String model) {
        return given().urlEncodingEnabled(false)
                .get(MODELS + "/" + URLEncoder.encode(model, UTF_8))
                .then();
    }

    private static void awaitListed(ModelName model) {
        await().atMost(PATIENCE)
                .untilAsserted(() -> given().get(MODELS).then().body("data.id", hasItem(model.toString())));
    }

    private static Map<String, Object> request(ModelName model, Map<String, Object> own) {
        Map<String, Object> body = new HashMap<>(Map.of(
                "model",
                model.toString(),
                "temperature",
                0,
                "max_tokens",
                60,
                "messages",
                List.of(Map.of("role", "user", "content", Workshop.QUESTION))));
        body.putAll(own);
        return body;
    }

    private static ValidatableResponse ask(ModelName model, Map<String, Object> own) {
        return given().contentType("application/json")
                .body(request(model, own))
                .post(CHAT)
                .then();
    }

    private List<JsonNode> stream(Map<String, Object> own) throws IOException {
        Map<String, Object> streamed = new HashMap<>(own);
        streamed.put("stream", true);
        List<String> events = new ArrayList<>();
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(
                ask(name, streamed)
                        .statusCode(200)
                        .contentType("text/event-stream")
                        .extract()
                        .asInputStream(),
                UTF_8))) {
            lines.lines().filter(line -> line.startsWith("data: ")).forEach(line -> events.add(line.substring(6)));
        }
        assertThat(events.removeLast()).isEqualTo("[DONE]");
        List<JsonNode> chunks = new ArrayList<>();
        for (String event : events) {
            chunks.add(new ObjectMapper().readTree(event));
        }
        return chunks;
    }

    private static String joined(List<JsonNode> chunks, String field) {
        StringBuilder text = new StringBuilder();
        chunks.forEach(
                chunk -> text.append(chunk.at("/choices/0/delta").path(field).asText("")));
        return text.toString();
    }

    private double generated() {
        return metrics.counter("lorica.tokens.generated").count();
    }

    private double active() {
        return metrics.get("lorica.sequences.active").gauge().value();
    }

    private static RequestSpecification asBob() {
        return given().header(Caller.NAME, "bob");
    }

    private static String json(Object value) throws IOException {
        return new ObjectMapper().writeValueAsString(value);
    }
}

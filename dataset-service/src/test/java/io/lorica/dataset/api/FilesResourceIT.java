package io.lorica.dataset.api;

import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

import io.lorica.dataset.Rows;
import io.lorica.testkit.LoricaPlatform;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import io.restassured.response.Response;
import io.restassured.response.ValidatableResponse;
import io.restassured.specification.RequestSpecification;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasKey;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;

@QuarkusTest
@WithTestResource(value = LoricaPlatform.class, scope = TestResourceScope.GLOBAL)
class FilesResourceIT {

    private static final byte[] ROWS = Rows.good(2).getBytes(StandardCharsets.UTF_8);

    @TestHTTPResource("/v1/files")
    URI address;

    @Test
    void answersAnUploadWithOpenAisFileObject() {
        // When
        ValidatableResponse response = upload("rows.jsonl", ROWS, "fine-tune").then();

        // Then
        response.statusCode(200)
                .body("id", matchesPattern("file-[a-z0-9]{24}"))
                .body("object", equalTo("file"))
                .body("bytes", equalTo(ROWS.length))
                .body("filename", equalTo("rows.jsonl"))
                .body("purpose", equalTo("fine-tune"))
                .body("status", equalTo("processed"))
                .body("$", not(hasKey("expires_at")));
        assertThat(response.extract().jsonPath().getLong("created_at")).isPositive();
    }

    @Test
    void keepsFileNamesInAnyScript() throws Exception {
        // When
        HttpResponse<String> response = sendChunked(form("数据 é.jsonl", "fine-tune", "{}"));

        // Then
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).contains("\"filename\":\"数据 é.jsonl\"");
    }

    @Test
    void notesWhenAFileIsToVanish() {
        // When
        var file = multipart("rows.jsonl", ROWS)
                .multiPart("purpose", "fine-tune")
                .multiPart("expires_after[anchor]", "created_at")
                .multiPart("expires_after[seconds]", "3600")
                .post("/v1/files")
                .then()
                .statusCode(200)
                .extract()
                .jsonPath();

        // Then
        assertThat(file.getLong("expires_at")).isEqualTo(file.getLong("created_at") + 3600);
    }

    @Test
    void returnsTheBytesWhateverTypeTheCallerAccepts() {
        // Given
        String id = uploaded("content.jsonl");

        for (String accept : List.of("application/binary", "*/*", "application/json")) {
            // When
            byte[] content = given().accept(accept)
                    .get("/v1/files/{id}/content", id)
                    .then()
                    .statusCode(200)
                    .extract()
                    .asByteArray();

            // Then
            assertThat(content).isEqualTo(ROWS);
        }
    }

    @Test
    void pagesThroughFilesWithoutGapOrRepetition() {
        // Given
        List<String> uploaded = IntStream.range(0, 5)
                .mapToObj(i ->
                        upload("page-" + i + ".bin", ROWS, "evals").jsonPath().getString("id"))
                .toList();

        // When
        var first = list("limit=2&order=asc&purpose=evals");
        var second = list("limit=2&order=asc&purpose=evals&after=" + first.getString("last_id"));
        var third = list("limit=2&order=asc&purpose=evals&after=" + second.getString("last_id"));
        var end = list("limit=2&order=asc&purpose=evals&after=" + third.getString("last_id"));

        // Then
        assertThat(first.getList("data.id")).isEqualTo(uploaded.subList(0, 2));
        assertThat(first.getString("first_id")).isEqualTo(uploaded.getFirst());
        assertThat(first.getBoolean("has_more")).isTrue();
        assertThat(second.getList("data.id")).isEqualTo(uploaded.subList(2, 4));
        assertThat(third.getList("data.id")).isEqualTo(uploaded.subList(4, 5));
        assertThat(third.getBoolean("has_more")).isFalse();
        assertThat(end.getList("data")).isEmpty();
        assertThat(end.getString("last_id")).isNull();
        assertThat(list("purpose=evals").getList("data.id")).isEqualTo(uploaded.reversed());
    }

    @ParameterizedTest
    @CsvSource({"limit=0,limit", "limit=10001,limit", "limit=ten,limit", "order=up,order", "purpose=fun,purpose"})
    void namesTheQueryParameterThatIsWrong(String query, String parameter) {
        given().get("/v1/files?" + query)
                .then()
                .statusCode(400)
                .body("error.param", equalTo(parameter))
                .body("error.type", equalTo("invalid_request_error"));
    }

    @Test
    void judgesTheFirstRows() {
        // Given
        byte[] rows = (Rows.good(1) + "oops\n" + Rows.good(1)).getBytes(StandardCharsets.UTF_8);
        String id = upload("rows.jsonl", rows, "fine-tune").jsonPath().getString("id");

        // When
        JsonPath judged = given().get("/v1/files/{id}/rows?limit=2", id).jsonPath();

        // Then
        assertThat(judged.getList("data.line")).isEqualTo(List.of(1, 2));
        assertThat(judged.getList("data.outcome")).isEqualTo(List.of("accepted", "rejected"));
        assertThat(judged.getString("data[0].format")).isEqualTo("reasoning");
        assertThat(judged.getString("data[0].messages[1].reasoning")).isEqualTo("Twice 1.");
        assertThat(judged.getString("data[1].reason")).contains("not valid JSON");
    }

    @Test
    void forgetsADeletedFile() {
        // Given
        String id = uploaded("gone.jsonl");

        // When
        given().delete("/v1/files/{id}", id)
                .then()
                .statusCode(200)
                .body("id", equalTo(id))
                .body("object", equalTo("file"))
                .body("deleted", equalTo(true));

        // Then
        for (String path : List.of("/v1/files/" + id, "/v1/files/" + id + "/content")) {
            given().get(path)
                    .then()
                    .statusCode(404)
                    .body("error.code", equalTo("file_not_found"))
                    .body("error.param", equalTo("id"));
        }
        given().delete("/v1/files/{id}", id).then().statusCode(404);
        assertThat(list("limit=10000").getList("data.id")).doesNotContain(id);
    }

    @ParameterizedTest
    @ValueSource(strings = {"file-abcdefgh12345678abcdefgh", "no-id", "file-..%2F.."})
    void doesNotKnowFilesThatNobodyUploaded(String id) {
        given().urlEncodingEnabled(false)
                .get("/v1/files/" + id)
                .then()
                .statusCode(404)
                .body("error.message", not(empty()));
    }

    @Test
    void refusesAnEmptyFile() {
        upload("rows.jsonl", new byte[0], "fine-tune")
                .then()
                .statusCode(400)
                .body("error.code", equalTo("empty_file"))
                .body("error.param", equalTo("file"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"fine-tuning", "fine-tune-results", ""})
    void refusesAPurposeThatNobodyMayUploadFor(String purpose) {
        upload("rows.jsonl", ROWS, purpose)
                .then()
                .statusCode(400)
                .body("error.code", equalTo("invalid_purpose"))
                .body("error.param", equalTo("purpose"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"upload", "rows.csv", "rows.txt"})
    void takesJsonLinesUnderAnyName(String name) {
        upload(name, ROWS, "fine-tune").then().statusCode(200).body("filename", equalTo(name));
    }

    @Test
    void refusesAnotherKindOfFileByWhatItIs() {
        upload("rows.jsonl", "[{\"prompt\": \"a\"}]".getBytes(StandardCharsets.UTF_8), "fine-tune")
                .then()
                .statusCode(400)
                .body("error.code", equalTo("invalid_training_file"))
                .body("error.param", equalTo("file"))
                .body("error.message", containsString("JSON array"));
    }

    @Test
    void namesTheMissingPart() {
        multipart("rows.jsonl", ROWS).post("/v1/files").then().statusCode(400).body("error.param", equalTo("purpose"));
        given().multiPart("purpose", "fine-tune")
                .post("/v1/files")
                .then()
                .statusCode(400)
                .body("error.param", equalTo("file"));
    }

    @Test
    void refusesABodyThatIsNoForm() {
        given().contentType("application/json")
                .body("{}")
                .post("/v1/files")
                .then()
                .statusCode(415)
                .body("error.message", not(nullValue()));
    }

    @Test
    void refusesAFileThatIsTooLongWhenItsLengthIsAnnounced() {
        upload("long.bin", new byte[(3 << 20) + 1], "evals")
                .then()
                .statusCode(413)
                .body("error.param", equalTo("file"))
                .body("error.message", containsString("lorica.dataset.max-file-size"));
    }

    @Test
    void refusesAFileThatIsTooLongWhenItsLengthIsNotAnnounced() throws Exception {
        // When
        HttpResponse<String> response = sendChunked(form("long.bin", "evals", "x".repeat(3 << 20)));

        // Then
        assertThat(response.statusCode()).isEqualTo(413);
        assertThat(response.body()).contains("\"param\":\"file\"");
    }

    @Test
    void returnsARangeOfAFilesContent() {
        // Given
        String id = uploaded("range.jsonl");

        // When
        Response part = given().header("range", "bytes=3-7").get("/v1/files/{id}/content", id);
        Response end = given().header("range", "bytes=-4").get("/v1/files/{id}/content", id);
        Response behind = given().header("range", "bytes=" + ROWS.length + "-").get("/v1/files/{id}/content", id);

        // Then
        assertThat(part.statusCode()).isEqualTo(206);
        assertThat(part.header("content-range")).isEqualTo("bytes 3-7/" + ROWS.length);
        assertThat(part.header("content-length")).isEqualTo("5");
        assertThat(part.asByteArray()).isEqualTo(Arrays.copyOfRange(ROWS, 3, 8));
        assertThat(end.asByteArray()).isEqualTo(Arrays.copyOfRange(ROWS, ROWS.length - 4, ROWS.length));
        behind.then()
                .statusCode(416)
                .header("content-range", "bytes */" + ROWS.length)
                .body("error.code", equalTo("invalid_request"));
        given().head("/v1/files/{id}/content", id)
                .then()
                .statusCode(200)
                .header("accept-ranges", "bytes")
                .header("content-length", Integer.toString(ROWS.length));
    }

    @ParameterizedTest
    @CsvSource({
        "multipart/form-data; boundary=b, '--b\r\ncontent-disposition: form-data; name=\"purpose\"\r\n\r\nfine-tune\r\n--b\r\nconte'",
        "multipart/form-data; boundary=b, nonsense",
        "multipart/form-data; boundary=b, '--b\r\nno colon\r\n\r\nabc\r\n--b--\r\n'",
        "multipart/form-data; boundary=, nonsense"
    })
    void refusesABrokenForm(String type, String body) throws Exception {
        // When
        HttpResponse<String> response = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(address)
                                .header("content-type", type)
                                .POST(HttpRequest.BodyPublishers.ofString(body))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());

        // Then
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.body()).contains("\"error\":{\"message\":", "multipart/form-data");
    }

    private static String form(String filename, String purpose, String content) {
        return "--b\r\ncontent-disposition: form-data; name=\"purpose\"\r\n\r\n" + purpose
                + "\r\n--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"" + filename
                + "\"\r\n\r\n" + content + "\r\n--b--\r\n";
    }

    private HttpResponse<String> sendChunked(String form) throws Exception {
        byte[] body = form.getBytes(StandardCharsets.UTF_8);
        HttpRequest request = HttpRequest.newBuilder(address)
                .header("content-type", "multipart/form-data; boundary=b")
                .POST(HttpRequest.BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body)))
                .build();
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(request, HttpResponse.BodyHandlers.ofString());
        }
    }

    private static String uploaded(String filename) {
        return upload(filename, ROWS, "fine-tune").jsonPath().getString("id");
    }

    private static Response upload(String filename, byte[] content, String purpose) {
        return multipart(filename, content).multiPart("purpose", purpose).post("/v1/files");
    }

    private static RequestSpecification multipart(String filename, byte[] content) {
        return given().multiPart("file", filename, content, "application/octet-stream");
    }

    private static JsonPath list(String query) {
        return given().get("/v1/files?" + query)
                .then()
                .statusCode(200)
                .body("object", equalTo("list"))
                .extract()
                .jsonPath();
    }
}

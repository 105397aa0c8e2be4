package io.lorica.gateway.api;

import java.util.stream.IntStream;

import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.specification.RequestSpecification;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasKey;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;

@QuarkusTest
@WithTestResource(value = ScriptedServices.class, scope = TestResourceScope.GLOBAL)
class FrontDoorTest {

    @ConfigProperty(name = "lorica.gateway.port")
    int port;

    @Test
    void introducesItselfWithoutAKey() {
        door().get("/")
                .then()
                .statusCode(200)
                .body("name", equalTo("Lorica"))
                .body("version", notNullValue())
                .body("documentation", equalTo("docs/api.md"));
    }

    @Test
    void refusesACallWithoutAKey() {
        door().get("/v1/models")
                .then()
                .statusCode(401)
                .contentType("application/json")
                .header("x-request-id", matchesPattern("req_[0-9a-f]{32}"))
                .body("error.code", equalTo("invalid_api_key"))
                .body("error.type", equalTo("authentication_error"))
                .body("error.param", nullValue())
                .body("error", hasKey("param"))
                .body("error.message", containsString("Authorization: Bearer"));
    }

    @Test
    void refusesAnUnknownKey() {
        door().header("Authorization", "Bearer sk-other")
                .get("/v1/models")
                .then()
                .statusCode(401)
                .body("error.message", containsString("not known"));
    }

    @Test
    void answersAnUnknownRouteWithAnEnvelope() {
        caller().get("/v1/embeddings")
                .then()
                .statusCode(404)
                .body("error.code", equalTo("route_not_found"))
                .body("error.message", containsString("/v1/embeddings"));
        door().post("/elsewhere").then().statusCode(404).body("error.code", equalTo("route_not_found"));
    }

    @Test
    void sendsEachPathToItsService() {
        caller().get("/v1/files/file-1").then().statusCode(200).body("service", equalTo("dataset-service"));
        caller().get("/v1/models/demo").then().statusCode(200).body("service", equalTo("inference-service"));
        caller().get("/v1/fine_tuning/jobs")
                .then()
                .statusCode(503)
                .header("retry-after", "2")
                .body("error.code", equalTo("service_unavailable"))
                .body("error.message", containsString("trainer-service"));
    }

    @Test
    void passesPathAndQueryOnByteForByte() {
        String uri = "/v1/models/ft%3Aorg%2Fbase%3A%3Aa%20b%c3%a9?limit=2&after=%66ile&metadata%5Bk%5D=v+w";
        caller().urlEncodingEnabled(false).get(uri).then().statusCode(200).body("uri", equalTo(uri));
    }

    @Test
    void keepsTheKeyAndNamesTheCaller() {
        caller().header("x-lorica-caller", "somebody else")
                .header("X-Lorica-Shared", "false")
                .header("x-lorica-anything", "of the caller's")
                .get("/v1/files/file-1")
                .then()
                .body("headers", not(hasKey("authorization")))
                .body("headers", not(hasKey("x-lorica-anything")))
                .body("headers.x-lorica-shared", equalTo("true"))
                .body("headers.x-lorica-caller", equalTo("default"));
    }

    @Test
    void carriesOneRequestIdInAndOut() {
        caller().header("x-request-id", "mine-1")
                .get("/v1/files/file-1")
                .then()
                .header("x-request-id", "mine-1")
                .header("openai-organization", "lorica")
                .header("openai-processing-ms", matchesPattern("\\d+"))
                .body("headers.x-request-id", equalTo("mine-1"));
    }

    @Test
    void replacesARequestIdThatIsNoPlainWord() {
        door().header("x-request-id", "a b{}")
                .get("/")
                .then()
                .statusCode(200)
                .header("x-request-id", matchesPattern("req_[0-9a-f]{32}"));
    }

    @Test
    void passesAServicesOwnEnvelopeUnchanged() {
        caller().get("/v1/files/envelope").then().statusCode(404).body("error.message", equalTo("theirs"));
    }

    @Test
    void putsABareErrorOfAServiceIntoAnEnvelope() {
        caller().get("/v1/files/plain-error")
                .then()
                .statusCode(500)
                .contentType("application/json")
                .body("error.code", equalTo("internal_error"))
                .body("error.message", containsString("dataset-service"));
    }

    @Test
    void givesUpOnAServiceThatDoesNotAnswer() {
        caller().get("/v1/models/never")
                .then()
                .statusCode(503)
                .body("error.code", equalTo("service_unavailable"))
                .body("error.message", containsString("silent for 10 seconds"));
    }

    @Test
    void slowsDownAKeyThatCallsTooOften() {
        // Given
        RequestSpecification busy = door().header("Authorization", "Bearer sk-busy");
        IntStream.range(0, 40).forEach(i -> busy.get("/v1/nothing"));

        // When
        var answer = busy.get("/v1/nothing").then();

        // Then
        answer.statusCode(429)
                .header("retry-after", matchesPattern("[1-9]\\d*"))
                .body("error.type", equalTo("requests"))
                .body("error.code", equalTo("rate_limit_exceeded"))
                .body("error.message", not(containsString("1 seconds")));
    }

    @Test
    void letsANamedOriginAskFirstWithoutAKey() {
        door().header("Origin", "http://app.example")
                .header("Access-Control-Request-Method", "POST")
                .header("Access-Control-Request-Headers", "authorization")
                .options("/v1/chat/completions")
                .then()
                .statusCode(204)
                .header("access-control-allow-origin", "http://app.example")
                .header("access-control-allow-headers", containsString("authorization"));
    }

    @Test
    void letsNoOtherOriginIn() {
        caller().header("Origin", "http://other.example")
                .get("/v1/files/file-1")
                .then()
                .header("access-control-allow-origin", nullValue());
    }

    @Test
    void keepsHealthAndMetricsFromItsCallers() {
        caller().get("/q/metrics").then().statusCode(404);
        caller().get("/q/health").then().statusCode(404);
        given().get("/v1/models").then().statusCode(404);
        caller().get("/v1/files/file-77/rows").then().statusCode(200);
        given().get("/q/metrics")
                .then()
                .statusCode(200)
                .body(containsString(
                        "lorica_gateway_requests_seconds_count{method=\"GET\",route=\"/v1/files/{id}/rows\""))
                .body(containsString("lorica_gateway_upstream_connections_max"))
                .body(not(containsString("file-77")));
    }

    @Test
    void isReadyAndSaysHowTheServicesAre() {
        given().get("/q/health/ready")
                .then()
                .statusCode(200)
                .body("checks.find { it.name == 'services' }.data.dataset-service", equalTo("ready"))
                .body("checks.find { it.name == 'services' }.data.trainer-service", equalTo("unreachable"));
    }

    private RequestSpecification caller() {
        return door().header("Authorization", "Bearer sk-test");
    }

    private RequestSpecification door() {
        return given().port(port);
    }
}

package io.lorica.gateway.route;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

class RouteTableTest {

    @ParameterizedTest
    @CsvSource({
        "/v1/files, DATASET",
        "/v1/files/file-abc/content, DATASET",
        "/v1/fine_tuning/jobs, TRAINER",
        "/v1/fine_tuning/jobs/ftjob-1/events, TRAINER",
        "/v1/models, INFERENCE",
        "/v1/models/ft%3Ademo%3Aorg%3A%3Aabc, INFERENCE",
        "/v1/models/org%2Fmodel.v1..2, INFERENCE",
        "/v1/chat/completions, INFERENCE"
    })
    void findsTheOwnerOfAPath(String path, Upstream owner) {
        assertThat(RouteTable.published().upstreamOf(path)).contains(owner);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "/v1",
                "/v1/",
                "/v1/filesystem",
                "/v1/embeddings",
                "/v1/chat",
                "/V1/files",
                "/q/health",
                "/v1//files"
            })
    void knowsNoOtherPath(String path) {
        assertThat(RouteTable.published().upstreamOf(path)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v1/files/../../q/metrics",
                "/v1/files/%2e%2e/%2E./q/metrics",
                "/v1/files/..%2f..%2fq",
                "/v1/files/./x",
                "/v1/files/..",
                "/v1/files/..;x/q"
            })
    void letsNoPathClimbOutOfItsRoute(String path) {
        assertThat(RouteTable.published().upstreamOf(path)).isEmpty();
    }

    @Test
    void refusesARouteWithASlashAtItsEnd() {
        assertThat(catchThrowable(() -> new Route("/v1/", Upstream.DATASET)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("/v1/");
    }
}

package io.lorica.llm.generate;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

class SamplingDefaultsTest {

    @Test
    void leavesTheDistributionAsItIsWhereTheModelSaysNothing() {
        assertThat(read("{}")).isEqualTo(new SamplingDefaults(1, 1, 0, 0, 1));
        assertThat(read("{\"temperature\": null, \"top_p\": null}")).isEqualTo(SamplingDefaults.NONE);
    }

    @Test
    void takesTheModelsValues() {
        assertThat(read("{\"do_sample\":true,\"temperature\":0.7,\"top_p\":0.8,\"top_k\":20,\"min_p\":0.05,"
                        + "\"repetition_penalty\":1.1}"))
                .isEqualTo(new SamplingDefaults(0.7, 0.8, 20, 0.05, 1.1));
    }

    @Test
    void takesTheLikeliestTokenWhereTheModelWantsNoSampling() {
        assertThat(read("{\"do_sample\":false,\"temperature\":0.7}").temperature())
                .isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"temperature\":-1}",
                "{\"temperature\":\"hot\"}",
                "{\"top_p\":0}",
                "{\"top_k\":1.5}",
                "{\"min_p\":2}",
                "{\"repetition_penalty\":0}"
            })
    void namesAValueThatMakesNoSense(String config) {
        // When
        ProductException failure = catchThrowableOfType(ProductException.class, () -> read(config));

        // Then
        assertThat(failure.code()).isEqualTo(ErrorCode.UNSUPPORTED_MODEL);
        assertThat(failure.detail()).contains("generation_config.json", config.split("\"")[1]);
    }

    private static SamplingDefaults read(String config) {
        try {
            return SamplingDefaults.read(new ObjectMapper().readTree(config));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(config, e);
        }
    }
}

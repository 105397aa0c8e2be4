package io.lorica.llm.train;

import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.job.BaseQuantization;
import io.lorica.contracts.job.ComputeType;
import io.lorica.contracts.job.JobSpec;
import io.lorica.contracts.job.PrecisionSpec;
import io.lorica.contracts.job.TrainingOptions;
import io.lorica.llm.testing.Rows;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class EngineLimitsTest {

    @Test
    void letsAPlainJobPass() {
        // When // Then
        assertThatCode(() -> EngineLimits.check(job(TrainingOptions.DEFAULTS))).doesNotThrowAnyException();
    }

    @Test
    void refusesByNameWhatItDoesNotDo() {
        // Given
        JobSpec job = job(
                TrainingOptions.DEFAULTS.with(new PrecisionSpec(ComputeType.FLOAT16, BaseQuantization.NONE, false)));

        // When // Then
        assertThatThrownBy(() -> EngineLimits.check(job))
                .isInstanceOf(ProductException.class)
                .hasFieldOrPropertyWithValue("parameter", "compute_type")
                .hasMessageContaining("float16");
    }

    private static JobSpec job(TrainingOptions options) {
        return Rows.spec(Rows.plan(2, 1, 1).with(options), 0);
    }
}

package io.lorica.llm.train;

import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.job.JobSpec;
import io.lorica.contracts.job.OptimizerKind;
import io.lorica.contracts.job.OptimizerSpec;
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
        JobSpec job =
                job(TrainingOptions.DEFAULTS.with(new OptimizerSpec(OptimizerKind.PAGED_ADAMW_8BIT, 0.9, 0.999, 1e-8)));

        // When // Then
        assertThatThrownBy(() -> EngineLimits.check(job))
                .isInstanceOf(ProductException.class)
                .hasFieldOrPropertyWithValue("parameter", "optim")
                .hasMessageContaining("paged_adamw_8bit");
    }

    private static JobSpec job(TrainingOptions options) {
        return Rows.spec(Rows.plan(2, 1, 1).with(options), 0);
    }
}

package io.lorica.llm.train;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorica.contracts.job.LearningRateSchedule;
import io.lorica.contracts.job.ScheduleShape;
import io.lorica.contracts.job.TrainingOptions;
import io.lorica.contracts.job.TrainingPlan;
import io.lorica.llm.testing.Golden;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.params.provider.Arguments.arguments;

/// Compares with what transformers computed; `tools/golden/make_schedules.py` made the file.
class LearningRateTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    static List<Arguments> schedules() throws IOException {
        JsonNode root = JSON.readTree(Golden.directory("schedules.json").toFile());
        double peak = root.path("peak").asDouble();
        List<Arguments> cases = new ArrayList<>();
        for (JsonNode node : root.path("cases")) {
            cases.add(arguments(
                    plan(peak, node),
                    node.path("steps").asInt(),
                    JSON.convertValue(node.path("rates"), double[].class)));
        }
        return cases;
    }

    @ParameterizedTest
    @MethodSource("schedules")
    void equalsTheScheduleOfThatNameInTransformers(TrainingPlan plan, int steps, double[] expected) {
        // Given
        LearningRate rate = LearningRate.of(plan, steps);

        // When
        double[] rates = new double[steps];
        for (int step = 1; step <= steps; step++) {
            rates[step - 1] = rate.at(step);
        }

        // Then: doubles on both sides, in another order of multiplication
        assertThat(rates).containsExactly(expected, within(1e-12 * plan.learningRate()));
    }

    private static TrainingPlan plan(double peak, JsonNode node) {
        return new TrainingPlan(
                1,
                1,
                1,
                null,
                peak,
                JSON.convertValue(node.path("schedule"), LearningRateSchedule.class),
                node.path("warmupSteps").asInt(),
                0,
                0,
                16,
                0,
                1,
                TrainingOptions.DEFAULTS.with(JSON.convertValue(node.path("shape"), ScheduleShape.class)));
    }
}

package io.lorica.llm.train;

import java.io.IOException;
import java.net.URI;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

import ai.djl.ndarray.NDArray;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorica.contracts.job.LearningRateSchedule;
import io.lorica.llm.lora.AdapterFiles;
import io.lorica.llm.lora.AdapterParameters;
import io.lorica.llm.model.CausalLm;
import io.lorica.llm.model.ModelLoader;
import io.lorica.llm.tensor.Autograd;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.weights.ModelDirectory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

/// Compares with what transformers and peft computed; `tools/golden/make_golden.py` made the files.
class GoldenTrajectoryTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    // Both sides compute in float32 and add in different orders; twenty steps of Adam amplify that.
    private static final double FORWARD = 2e-5;
    private static final double TRAINED = 5e-5;

    @ParameterizedTest
    @ValueSource(strings = {"qwen2", "llama"})
    void logitsEqualTheReference(String name) throws IOException {
        // Given
        JsonNode golden = golden(name);
        int[] tokens = rows(golden).getFirst().tokens();
        try (TensorScope scope = TensorScope.open("test")) {
            CausalLm model = ModelLoader.load(scope, new ModelDirectory(directory(name)));

            // When
            NDArray hidden = model.hiddenStates(longs(scope, tokens), null);
            float[] logits = model.logits(hidden.reshape(tokens.length, -1)).toFloatArray();

            // Then
            List<Double> expected = new ArrayList<>();
            golden.path("logits").forEach(row -> row.forEach(value -> expected.add(value.asDouble())));
            assertThat(logits).hasSize(expected.size());
            for (int i = 0; i < logits.length; i++) {
                assertThat((double) logits[i]).as("logit " + i).isCloseTo(expected.get(i), within(FORWARD));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"qwen2", "llama"})
    void maskedLossEqualsTheReference(String name) throws IOException {
        // Given
        JsonNode golden = golden(name);
        try (TensorScope scope = TensorScope.open("test")) {
            CausalLm model = ModelLoader.load(scope, new ModelDirectory(directory(name)));
            TokenLoss sums = new TokenLoss();

            // When
            Batch batch = Batch.collate(
                    scope, rows(golden).subList(0, golden.path("batch").asInt()));
            CompletionLoss.measure(model, batch, sums);

            // Then
            assertThat(sums.mean()).isCloseTo(golden.path("loss").asDouble(), within(FORWARD));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"qwen2", "llama"})
    void twentyStepsOfLoraEqualTheReference(String name) throws IOException {
        // Given
        JsonNode golden = golden(name);
        try (TensorScope scope = TensorScope.open("test")) {
            CausalLm base = ModelLoader.load(scope, new ModelDirectory(directory(name)));
            AdapterParameters adapter = AdapterFiles.read(scope, directory(name).resolve("start"), base.config());

            // When
            List<Step> steps = train(scope, golden, base, adapter);

            // Then
            JsonNode expected = golden.path("steps");
            assertThat(steps).hasSize(expected.size());
            for (int i = 0; i < steps.size(); i++) {
                JsonNode step = expected.path(i);
                assertThat(steps.get(i).rate())
                        .as("rate " + i)
                        .isCloseTo(step.path("rate").asDouble(), within(1e-12));
                assertThat(steps.get(i).loss())
                        .as("loss " + i)
                        .isCloseTo(step.path("loss").asDouble(), within(TRAINED));
                double norm = step.path("norm").asDouble();
                assertThat(steps.get(i).norm()).as("norm " + i).isCloseTo(norm, within(TRAINED * Math.max(1, norm)));
            }
            assertSameAdapter(adapter, AdapterFiles.read(scope, directory(name).resolve("end"), base.config()));
        }
    }

    private record Step(double loss, double norm, double rate) {}

    private static List<Step> train(TensorScope scope, JsonNode golden, CausalLm base, AdapterParameters adapter) {
        int total = golden.path("steps").size();
        int size = golden.path("batch").asInt();
        double limit = golden.path("maxNorm").asDouble();
        List<TokenizedExample> rows = rows(golden);
        LearningRate rate = new LearningRate(
                golden.path("peakRate").asDouble(),
                JSON.convertValue(golden.path("schedule"), LearningRateSchedule.class),
                golden.path("warmup").asInt(),
                total);
        adapter.named().values().forEach(Autograd::parameter);
        CausalLm model = adapter.applyTo(base, 0);
        List<Step> steps = new ArrayList<>();
        try (AdamW optimizer =
                new AdamW(scope, adapter.named(), golden.path("weightDecay").asDouble())) {
            for (int step = 1; step <= total; step++) {
                int first = (step - 1) * size % rows.size();
                TokenLoss sums = new TokenLoss();
                optimizer.clearGradients();
                try (TensorScope work = scope.child("step")) {
                    Batch batch = Batch.collate(work, rows.subList(first, first + size));
                    CompletionLoss.backward(model, batch, batch.learned().size(), sums);
                }
                double norm = optimizer.gradientNorm();
                try (Autograd off = Autograd.off()) {
                    optimizer.update(step, rate.at(step), norm > limit ? limit / (norm + 1e-6) : 1);
                }
                steps.add(new Step(sums.mean(), norm, rate.at(step)));
            }
        }
        return steps;
    }

    private static void assertSameAdapter(AdapterParameters actual, AdapterParameters expected) {
        Map<String, NDArray> reference = expected.named();
        actual.named().forEach((name, tensor) -> {
            float[] values = tensor.toFloatArray();
            float[] wanted = reference.get(name).toFloatArray();
            assertThat(values).hasSameSizeAs(wanted);
            for (int i = 0; i < values.length; i++) {
                assertThat((double) values[i]).as(name).isCloseTo(wanted[i], within(TRAINED));
            }
        });
    }

    private static List<TokenizedExample> rows(JsonNode golden) {
        List<TokenizedExample> rows = new ArrayList<>();
        for (JsonNode row : golden.path("rows")) {
            int[] tokens = JSON.convertValue(row.path("tokens"), int[].class);
            int prompt = row.path("prompt").asInt();
            rows.add(new TokenizedExample(rows.size() + 1, tokens, prompt, prompt, false));
        }
        return rows;
    }

    private static NDArray longs(TensorScope scope, int... tokens) {
        long[] wide = IntStream.of(tokens).asLongStream().toArray();
        return scope.longs(wide, 1, wide.length);
    }

    private static JsonNode golden(String name) throws IOException {
        return JSON.readTree(Files.readString(directory(name).resolve("golden.json")));
    }

    private static Path directory(String name) {
        URL resource = GoldenTrajectoryTest.class.getResource("/golden/" + name);
        if (resource == null) {
            throw new IllegalStateException("no golden files for " + name);
        }
        return Path.of(URI.create(resource.toString()));
    }
}

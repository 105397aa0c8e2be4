package io.lorica.llm.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorica.contracts.job.LearningRateSchedule;
import io.lorica.contracts.job.OptimizerSpec;
import io.lorica.llm.lora.AdapterFiles;
import io.lorica.llm.lora.AdapterParameters;
import io.lorica.llm.model.ActivationPolicy;
import io.lorica.llm.model.CausalLm;
import io.lorica.llm.model.KvCache;
import io.lorica.llm.model.ModelLoader;
import io.lorica.llm.model.SequenceLayout;
import io.lorica.llm.model.TrainingPass;
import io.lorica.llm.tensor.Autograd;
import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.tensor.Tensors;
import io.lorica.llm.testing.Golden;
import io.lorica.llm.weights.ModelDirectory;
import io.lorica.llm.weights.SafetensorsFile;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

/// Compares with what transformers and peft computed; `tools/golden/make_golden.py` made the files.
class GoldenTrajectoryTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    // Both sides compute in float32 and add in different orders; twenty steps of Adam amplify that.
    private static final double LOGIT = 1e-4;
    private static final double LOSS = 1e-5;
    private static final double GRADIENT = 1e-4;
    private static final double TRAINED = 1e-4;
    // bfloat16 keeps 8 bits: what the reference loses by computing in it
    private static final double BRAIN_FLOAT = 2e-2;

    static List<String> models() throws IOException {
        return Golden.models();
    }

    static List<String> adapters() throws IOException {
        return Golden.names();
    }

    static List<String> modelsInBrainFloat() throws IOException {
        return models().stream().filter(name -> name.endsWith("-bf16")).toList();
    }

    @ParameterizedTest
    @MethodSource("models")
    void logitsEqualTheReference(String name) throws IOException {
        // Given
        int[] tokens = rows(golden(name)).getFirst().tokens();
        try (TensorScope scope = TensorScope.open("test")) {
            CausalLm model = ModelLoader.load(scope, new ModelDirectory(Golden.directory(name)));

            // When
            Tensor hidden = model.hiddenStates(longs(scope, tokens));
            float[] logits = model.logits(hidden.reshape(tokens.length, -1)).toFloatArray();

            // Then
            assertThat(distance(logits, tensor(scope, name, "logits"))).isLessThan(LOGIT);
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void paddingOnEitherSideChangesNothing(String name) throws IOException {
        // Given
        JsonNode golden = golden(name);
        List<TokenizedExample> batch =
                rows(golden).subList(0, golden.path("batch").asInt());
        try (TensorScope scope = TensorScope.open("test")) {
            CausalLm model = ModelLoader.load(scope, new ModelDirectory(Golden.directory(name)));

            // When
            float[] left = logitsOfPadded(scope, model, batch, true);
            float[] right = logitsOfPadded(scope, model, batch, false);

            // Then
            assertThat(distance(left, tensor(scope, name, "logits.left"))).isLessThan(LOGIT);
            assertThat(distance(right, tensor(scope, name, "logits.right"))).isLessThan(LOGIT);
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void greedyGenerationEqualsTheReference(String name) throws IOException {
        // Given
        JsonNode golden = golden(name);
        int[] expected = JSON.convertValue(golden.path("generated"), int[].class);
        int[] next = Arrays.copyOf(rows(golden).getFirst().tokens(), 9);
        int[] generated = new int[expected.length];
        try (TensorScope scope = TensorScope.open("test")) {
            CausalLm model = ModelLoader.load(scope, new ModelDirectory(Golden.directory(name)));
            KvCache cache = model.newCache(scope);

            // When
            for (int i = 0; i < generated.length; i++) {
                Tensor logits = model.nextTokenLogits(longs(scope, next), cache);
                generated[i] = (int) logits.argMax(0).toLongArray()[0];
                next = new int[] {generated[i]};
            }

            // Then
            assertThat(generated).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void maskedLossEqualsTheReference(String name) throws IOException {
        // Given
        JsonNode golden = golden(name);
        try (TensorScope scope = TensorScope.open("test")) {
            CausalLm model = ModelLoader.load(scope, new ModelDirectory(Golden.directory(name)));
            TokenLoss sums = new TokenLoss();

            // When
            CompletionLoss.measure(model, batch(scope, golden), sums);

            // Then
            assertThat(sums.mean()).isCloseTo(golden.path("loss").asDouble(), within(LOSS));
        }
    }

    @ParameterizedTest
    @MethodSource("adapters")
    void gradientsOfAllAdaptersEqualTheReference(String name) throws IOException {
        // Given
        try (TensorScope scope = TensorScope.open("test")) {
            // When
            Map<String, Tensor> gradients = gradients(scope, name, ElementType.F32);

            // Then
            gradients.forEach((parameter, gradient) -> assertThat(
                            relativeDistance(gradient.toFloatArray(), tensor(scope, name, "gradient." + parameter)))
                    .as(parameter)
                    .isLessThan(GRADIENT));
        }
    }

    @ParameterizedTest
    @MethodSource("modelsInBrainFloat")
    void brainFloatIsAsNearToTheReferenceAsItsRoundingAllows(String name) throws IOException {
        // Given
        JsonNode golden = golden(name);
        try (TensorScope scope = TensorScope.open("test")) {
            CausalLm model = ModelLoader.load(scope, new ModelDirectory(Golden.directory(name)), ElementType.BF16);
            TokenLoss sums = new TokenLoss();

            // When
            CompletionLoss.measure(model, batch(scope, golden), sums);
            Map<String, Tensor> gradients = gradients(scope, name, ElementType.BF16);

            // Then
            assertThat(sums.mean()).isCloseTo(golden.path("bf16Loss").asDouble(), within(BRAIN_FLOAT));
            float[] ours = joined(gradients, gradient -> gradients.get(gradient).toFloatArray());
            float[] reference = joined(gradients, gradient -> tensor(scope, name, "bf16.gradient." + gradient));
            float[] exact = joined(gradients, gradient -> tensor(scope, name, "gradient." + gradient));
            assertThat(relativeDistance(ours, reference)).isLessThan(BRAIN_FLOAT);
            assertThat(relativeDistance(ours, exact)).isLessThan(BRAIN_FLOAT);
        }
    }

    @ParameterizedTest
    @MethodSource("adapters")
    void twentyStepsOfLoraEqualTheReference(String name) throws IOException {
        // Given
        JsonNode golden = golden(name);
        try (TensorScope scope = TensorScope.open("test")) {
            CausalLm base = ModelLoader.load(scope, new ModelDirectory(base(name)));
            AdapterParameters adapter =
                    AdapterFiles.read(scope, Golden.directory(name).resolve("start"), base.config());

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
                assertRelative(
                        "loss " + i, steps.get(i).loss(), step.path("loss").asDouble());
                assertRelative(
                        "norm " + i, steps.get(i).norm(), step.path("norm").asDouble());
            }
            assertSameAdapter(
                    adapter, AdapterFiles.read(scope, Golden.directory(name).resolve("end"), base.config()));
        }
    }

    static void backward(CausalLm model, Batch batch, ActivationPolicy policy, TokenLoss sums) {
        try (TrainingPass pass = new TrainingPass(model, batch.tokens(), batch.layout(), policy, _ -> 0)) {
            CompletionLoss.backward(model, pass, batch, batch.learned().size(), sums);
        }
    }

    private static float[] joined(Map<String, Tensor> gradients, Function<String, float[]> values) {
        List<float[]> parts = gradients.keySet().stream().map(values).toList();
        float[] joined = new float[parts.stream().mapToInt(part -> part.length).sum()];
        int position = 0;
        for (float[] part : parts) {
            System.arraycopy(part, 0, joined, position, part.length);
            position += part.length;
        }
        return joined;
    }

    static Batch batch(TensorScope scope, JsonNode golden) {
        return Batch.collate(scope, rows(golden).subList(0, golden.path("batch").asInt()));
    }

    private static Map<String, Tensor> gradients(TensorScope scope, String name, ElementType type) throws IOException {
        CausalLm base = ModelLoader.load(scope, new ModelDirectory(base(name)), type);
        AdapterParameters adapter =
                AdapterFiles.read(scope, Golden.directory(name).resolve("start"), base.config());
        adapter.named().values().forEach(Autograd::parameter);
        Batch batch = batch(scope, golden(name));
        backward(adapter.applyTo(base, 0), batch, ActivationPolicy.KEEP, new TokenLoss());
        Map<String, Tensor> gradients = new LinkedHashMap<>();
        adapter.named().forEach((parameter, tensor) -> gradients.put(parameter, Autograd.gradient(tensor)));
        return gradients;
    }

    private static float[] logitsOfPadded(
            TensorScope scope, CausalLm model, List<TokenizedExample> batch, boolean left) {
        int width = batch.stream().mapToInt(row -> row.tokens().length).max().orElseThrow();
        long[] tokens = new long[batch.size() * width];
        List<SequenceLayout.Sequence> sequences = new ArrayList<>();
        List<Long> own = new ArrayList<>();
        for (int row = 0; row < batch.size(); row++) {
            int[] source = batch.get(row).tokens();
            int start = left ? width - source.length : 0;
            sequences.add(new SequenceLayout.Sequence(row, start, source.length));
            for (int t = 0; t < source.length; t++) {
                tokens[row * width + start + t] = source[t];
                own.add((long) row * width + start + t);
            }
        }
        Tensor hidden = model.hiddenStates(
                scope.longs(tokens, batch.size(), width), new SequenceLayout(batch.size(), width, sequences));
        Tensor flat = hidden.reshape((long) batch.size() * width, -1);
        long[] places = own.stream().mapToLong(place -> place).toArray();
        return model.logits(Tensors.rows(flat, scope.longs(places, places.length)))
                .toFloatArray();
    }

    static float[] tensor(TensorScope scope, String name, String tensor) {
        try (SafetensorsFile file = SafetensorsFile.open(Golden.directory(name).resolve("golden.safetensors"))) {
            return file.tensor(tensor).orElseThrow().load(scope).toFloatArray();
        }
    }

    /// The greatest difference of two elements.
    static double distance(float[] actual, float[] expected) {
        assertThat(actual).hasSameSizeAs(expected);
        return IntStream.range(0, expected.length)
                .mapToDouble(i -> Math.abs((double) actual[i] - expected[i]))
                .max()
                .orElseThrow();
    }

    /// ‖a - b‖ / ‖b‖; ‖a‖ where b is zero, as are the gradients of A while B is
    static double relativeDistance(float[] actual, float[] expected) {
        assertThat(actual).hasSameSizeAs(expected);
        double difference = 0;
        double length = 0;
        for (int i = 0; i < expected.length; i++) {
            difference += Math.pow((double) actual[i] - expected[i], 2);
            length += Math.pow(expected[i], 2);
        }
        return Math.sqrt(length == 0 ? difference : difference / length);
    }

    static void assertRelative(String what, double actual, double expected) {
        assertThat(actual).as(what).isCloseTo(expected, within(TRAINED * Math.max(1, expected)));
    }

    record Step(double loss, double norm, double rate) {}

    static List<Step> train(TensorScope scope, JsonNode golden, CausalLm base, AdapterParameters adapter) {
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
        try (AdamW optimizer = new AdamW(
                scope,
                adapter.named(),
                OptimizerSpec.DEFAULTS,
                golden.path("weightDecay").asDouble(),
                name -> AdapterParameters.isB(name) ? golden.path("ratioOfB").asDouble(1) : 1)) {
            for (int step = 1; step <= total; step++) {
                int first = (step - 1) * size % rows.size();
                TokenLoss sums = new TokenLoss();
                optimizer.clearGradients();
                try (TensorScope work = scope.child("step")) {
                    Batch batch = Batch.collate(work, rows.subList(first, first + size));
                    backward(model, batch, ActivationPolicy.RECOMPUTE, sums);
                }
                double norm;
                try (Autograd off = Autograd.off()) {
                    norm = optimizer
                            .advance(step, rate.at(step), new GradientLimit(1, limit), scope.zeros())
                            .toFloat();
                }
                steps.add(new Step(sums.mean(), norm, rate.at(step)));
            }
        }
        return steps;
    }

    private static void assertSameAdapter(AdapterParameters actual, AdapterParameters expected) {
        Map<String, Tensor> reference = expected.named();
        actual.named()
                .forEach((name, tensor) -> assertThat(relativeDistance(
                                tensor.toFloatArray(), reference.get(name).toFloatArray()))
                        .as(name)
                        .isLessThan(TRAINED));
    }

    static List<TokenizedExample> rows(JsonNode golden) {
        List<TokenizedExample> rows = new ArrayList<>();
        for (JsonNode row : golden.path("rows")) {
            int[] tokens = JSON.convertValue(row.path("tokens"), int[].class);
            int prompt = row.path("prompt").asInt();
            rows.add(new TokenizedExample(rows.size() + 1, tokens, prompt, prompt));
        }
        return rows;
    }

    static Tensor longs(TensorScope scope, int... tokens) {
        long[] wide = IntStream.of(tokens).asLongStream().toArray();
        return scope.longs(wide, 1, wide.length);
    }

    static Path base(String name) throws IOException {
        return Golden.directory(golden(name).path("base").asText(name));
    }

    static JsonNode golden(String name) throws IOException {
        return JSON.readTree(Files.readString(Golden.directory(name).resolve("golden.json")));
    }
}

package io.lorica.llm.train;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorica.contracts.job.AdapterStart;
import io.lorica.contracts.job.LoraOptions;
import io.lorica.contracts.job.LoraSpec;
import io.lorica.llm.lora.AdapterFiles;
import io.lorica.llm.lora.AdapterParameters;
import io.lorica.llm.lora.FreshAdapter;
import io.lorica.llm.lora.LoraPair;
import io.lorica.llm.model.ActivationPolicy;
import io.lorica.llm.model.CausalLm;
import io.lorica.llm.model.ModelLoader;
import io.lorica.llm.tensor.Autograd;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.testing.Golden;
import io.lorica.llm.weights.ModelDirectory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/// Adapters that peft trained, and starts from singular vectors, against what peft computed with them.
class PeftAdapterTest {

    // float32 on both sides, sums in other orders; twenty steps of Adam amplify that
    private static final double LOGIT = 1e-4;
    private static final double GRADIENT = 1e-4;
    private static final double TRAINED = 1e-4;

    @TempDir
    private Path directory;

    static List<String> adapters() throws IOException {
        List<String> ends = new ArrayList<>();
        Golden.adapters().forEach(name -> ends.add(name + "/end"));
        Golden.principalStarts().forEach(name -> ends.add(name + "/converted"));
        return ends;
    }

    static List<String> principalStarts() {
        return Golden.principalStarts();
    }

    @ParameterizedTest
    @MethodSource("adapters")
    void adaptersOfPeftGiveItsLogits(String end) throws IOException {
        // Given
        String name = end.substring(0, end.indexOf('/'));
        JsonNode golden = GoldenTrajectoryTest.golden(name);
        int[] tokens = GoldenTrajectoryTest.rows(golden).getFirst().tokens();
        try (TensorScope scope = TensorScope.open("test")) {
            CausalLm base = base(scope, name);
            AdapterParameters adapter = AdapterFiles.read(scope, Golden.directory(end), base.config());

            // When
            float[] logits = logits(adapter.applyTo(base, 0), scope, tokens);

            // Then
            assertThat(GoldenTrajectoryTest.distance(logits, GoldenTrajectoryTest.tensor(scope, name, "logits")))
                    .isLessThan(LOGIT);
        }
    }

    @ParameterizedTest
    @MethodSource("principalStarts")
    void startFromSingularVectorsEqualsPefts(String name) throws IOException {
        // Given
        try (TensorScope scope = TensorScope.open("test")) {
            CausalLm base = base(scope, name);
            List<LoraPair> expected = peftsStart(scope, name).pairs();

            // When
            AdapterParameters adapter = FreshAdapter.create(scope, base, spec(name), 1);

            // Then
            assertThat(adapter.pairs()).hasSameSizeAs(expected);
            for (int i = 0; i < expected.size(); i++) {
                assertThat(difference(adapter.pairs().get(i), expected.get(i)))
                        .as(expected.get(i).site().path())
                        .isLessThan(TRAINED);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("principalStarts")
    void gradientsFromSingularVectorsEqualPefts(String name) throws IOException {
        // Given
        try (TensorScope scope = TensorScope.open("test")) {
            CausalLm base = base(scope, name);
            Map<String, Tensor> pefts = peftsStart(scope, name).named();
            AdapterParameters adapter = FreshAdapter.create(scope, base, spec(name), 1);
            adapter.named().values().forEach(Autograd::parameter);
            Batch batch = GoldenTrajectoryTest.batch(scope, GoldenTrajectoryTest.golden(name));

            // When
            GoldenTrajectoryTest.backward(adapter.applyTo(base, 0), batch, ActivationPolicy.KEEP, new TokenLoss());

            // Then: a singular vector may point either way, and so may its gradient
            adapter.named().forEach((parameter, tensor) -> {
                boolean rows = !AdapterParameters.isB(parameter);
                float[] gradient = aligned(Autograd.gradient(tensor), tensor, pefts.get(parameter), rows);
                float[] reference = GoldenTrajectoryTest.tensor(scope, name, "gradient." + parameter);
                assertThat(GoldenTrajectoryTest.relativeDistance(gradient, reference))
                        .as(parameter)
                        .isLessThan(GRADIENT);
            });
        }
    }

    @ParameterizedTest
    @MethodSource("principalStarts")
    void twentyStepsFromSingularVectorsEqualPefts(String name) throws IOException {
        // Given
        JsonNode golden = GoldenTrajectoryTest.golden(name);
        try (TensorScope scope = TensorScope.open("test")) {
            CausalLm base = base(scope, name);
            LoraSpec spec = spec(name);
            AdapterParameters adapter = FreshAdapter.create(scope, base, spec, 1);

            // When
            List<GoldenTrajectoryTest.Step> steps = GoldenTrajectoryTest.train(scope, golden, base, adapter);

            // Then
            for (int i = 0; i < steps.size(); i++) {
                JsonNode step = golden.path("steps").path(i);
                double norm = step.path("norm").asDouble();
                GoldenTrajectoryTest.assertRelative(
                        "loss " + i, steps.get(i).loss(), step.path("loss").asDouble());
                GoldenTrajectoryTest.assertRelative("norm " + i, steps.get(i).norm(), norm);
            }
            AdapterFiles.write(directory, adapter, spec, "qwen2");
            List<LoraPair> written =
                    AdapterFiles.read(scope, directory, base.config()).pairs();
            List<LoraPair> converted = AdapterFiles.read(scope, Golden.directory(name + "/converted"), base.config())
                    .pairs();
            for (int i = 0; i < converted.size(); i++) {
                assertThat(difference(written.get(i), converted.get(i))).isLessThan(10 * TRAINED);
            }
        }
    }

    private static CausalLm base(TensorScope scope, String name) throws IOException {
        return ModelLoader.load(scope, new ModelDirectory(GoldenTrajectoryTest.base(name)));
    }

    private static float[] logits(CausalLm model, TensorScope scope, int... tokens) {
        Tensor hidden = model.hiddenStates(GoldenTrajectoryTest.longs(scope, tokens));
        return model.logits(hidden.reshape(tokens.length, -1)).toFloatArray();
    }

    /// What `tools/golden/make_golden.py` asked peft for.
    private static LoraSpec spec(String name) {
        boolean stabilized = name.endsWith("rslora");
        boolean patterns = name.endsWith("patterns");
        LoraOptions options = new LoraOptions(
                false,
                null,
                List.of(),
                patterns ? Map.of("q_proj", 8) : Map.of(),
                patterns ? Map.of("k_proj", 3.0) : Map.of(),
                null,
                LoraOptions.NONE.bias(),
                List.of(),
                new AdapterStart(AdapterStart.Method.PISSA, null));
        List<String> modules = stabilized ? List.of("q_proj", "down_proj") : LoraSpec.ALL_PROJECTIONS;
        return new LoraSpec(4, stabilized ? 2 : 4, 0, modules, stabilized, options);
    }

    /// peft's start as an ordinary adapter of the changed base.
    private static AdapterParameters peftsStart(TensorScope scope, String name) throws IOException {
        return AdapterFiles.read(
                scope, Golden.directory(name + "/start"), base(scope, name).config());
    }

    /// ‖BA - B'A'‖ / ‖B'A'‖
    private static double difference(LoraPair actual, LoraPair expected) {
        return GoldenTrajectoryTest.relativeDistance(product(actual), product(expected));
    }

    private static float[] product(LoraPair pair) {
        return pair.b().matMul(pair.a()).toFloatArray();
    }

    /// A gradient of A (by rows) or B (by columns) with the signs that the reference's vectors have.
    private static float[] aligned(Tensor gradient, Tensor own, Tensor reference, boolean rows) {
        float[] result = gradient.toFloatArray();
        float[] mine = own.toFloatArray();
        float[] theirs = reference.toFloatArray();
        int width = (int) own.size(1);
        int vectors = (int) (rows ? own.size(0) : own.size(1));
        double[] agreement = new double[vectors];
        for (int i = 0; i < mine.length; i++) {
            agreement[rows ? i / width : i % width] += mine[i] * theirs[i];
        }
        for (int i = 0; i < result.length; i++) {
            result[i] *= (float) Math.signum(agreement[rows ? i / width : i % width]);
        }
        return result;
    }
}

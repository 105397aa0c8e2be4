package io.lorica.llm.train;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorica.contracts.job.LoraSpec;
import io.lorica.contracts.job.OptimizerSpec;
import io.lorica.llm.lora.AdapterFiles;
import io.lorica.llm.lora.AdapterParameters;
import io.lorica.llm.lora.FreshAdapter;
import io.lorica.llm.model.CausalLm;
import io.lorica.llm.model.LoadPlan;
import io.lorica.llm.model.ModelConfigReader;
import io.lorica.llm.model.ModelLoader;
import io.lorica.llm.tensor.Autograd;
import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.weights.ModelFiles;

/// Trains an adapter on a model in files and prints the loss of each step as one line of JSON. Into `out` it first
/// writes what another trainer needs to do the same: the adapter as it starts (`start`, PEFT layout) and the rows
/// of each step (`rows.json`).
///
/// Arguments, each `name=value`: `model` (a directory), `out`, `steps`, `batch`, `length`, `rows` (how many
/// different ones there are; they come in turn), `rate`, `policy`, `method`, `type`.
public final class OverlayRun {

    private static final double WEIGHT_DECAY = 0.01;
    private static final double MOST = 1;
    private static final long SEED = 3407;
    private static final LoraSpec LORA = new LoraSpec(16, 16, 0, LoraSpec.ALL_PROJECTIONS, false);

    private static final Map<String, String> DEFAULTS = Map.of(
            "model", "",
            "out", ".",
            "steps", "200",
            "batch", "2",
            "length", "128",
            "rows", "16",
            "rate", "1e-3",
            "policy", "keep",
            "method", "fused",
            "type", "f32");

    private final BenchmarkArguments arguments;

    private OverlayRun(String... given) {
        this.arguments = new BenchmarkArguments(DEFAULTS, given);
    }

    public static void main(String[] given) throws IOException {
        System.out.println(new ObjectMapper().writeValueAsString(new OverlayRun(given).train()));
    }

    private Map<String, Object> train() throws IOException {
        ModelFiles files = ModelFiles.at(Path.of(arguments.text("model")));
        ElementType type = arguments.choice(ElementType.class, "type");
        try (TensorScope scope = TensorScope.open("overlay")) {
            LoadPlan plan =
                    LoadPlan.of(type).with(AdapterParameters.room(ModelConfigReader.read(files.config()), LORA));
            CausalLm base = ModelLoader.load(scope, files, plan);
            AdapterParameters adapter = FreshAdapter.create(scope, base, LORA, SEED);
            List<List<int[]>> rows = rows(base.config().vocabularySize());
            write(adapter, rows);
            adapter.named().values().forEach(Autograd::parameter);
            try (GradientMethod method = arguments.gradients(scope, base, adapter);
                    AdamW optimizer = new AdamW(scope, adapter.named(), OptimizerSpec.DEFAULTS, WEIGHT_DECAY, _ -> 1)) {
                BatchesAhead batches = new BatchesAhead(
                        scope, step -> windows(rows.get(step - 1)), arguments.number("batch"), rows.size());
                OptimizerSteps steps =
                        new OptimizerSteps(scope, method, optimizer, LossScale.none(), batches, MOST, SEED);
                return Map.of("losses", losses(steps, rows.size()));
            }
        }
    }

    /// The rows of each step.
    private List<List<int[]>> rows(int vocabulary) {
        Random random = new Random(7);
        List<int[]> pool = new ArrayList<>();
        for (int row = 0; row < arguments.number("rows"); row++) {
            pool.add(random.ints(arguments.number("length"), 0, vocabulary).toArray());
        }
        List<List<int[]>> steps = new ArrayList<>();
        for (int step = 0; step < arguments.number("steps"); step++) {
            List<int[]> batch = new ArrayList<>();
            for (int row = 0; row < arguments.number("batch"); row++) {
                batch.add(pool.get((step * arguments.number("batch") + row) % pool.size()));
            }
            steps.add(batch);
        }
        return steps;
    }

    private void write(AdapterParameters adapter, List<List<int[]>> rows) throws IOException {
        Path out = Files.createDirectories(Path.of(arguments.text("out")));
        AdapterFiles.write(Files.createDirectories(out.resolve("start")), adapter, LORA, arguments.text("model"));
        Files.writeString(out.resolve("rows.json"), json(rows), StandardCharsets.UTF_8);
    }

    private static String json(Object value) throws JsonProcessingException {
        return new ObjectMapper().writeValueAsString(value);
    }

    private List<Double> losses(OptimizerSteps steps, int count) {
        double rate = Double.parseDouble(arguments.text("rate"));
        List<Double> losses = new ArrayList<>();
        for (int step = 1; step <= count; step++) {
            losses.add(steps.take(step, rate).losses().mean());
        }
        return losses;
    }

    private static List<Window> windows(List<int[]> rows) {
        List<TokenizedExample> examples = new ArrayList<>();
        for (int row = 0; row < rows.size(); row++) {
            examples.add(new TokenizedExample(row + 1, rows.get(row), 1, 1));
        }
        return Windows.single(examples);
    }
}

package io.lorica.llm.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorica.contracts.job.LoraSpec;
import io.lorica.contracts.job.OptimizerSpec;
import io.lorica.llm.cuda.Cuda;
import io.lorica.llm.cuda.CudaDevice;
import io.lorica.llm.lora.AdapterParameters;
import io.lorica.llm.lora.FreshAdapter;
import io.lorica.llm.model.CausalLm;
import io.lorica.llm.model.LoadPlan;
import io.lorica.llm.model.TokenFormat;
import io.lorica.llm.quantize.WeightFormat;
import io.lorica.llm.tensor.Autograd;
import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorDevice;
import io.lorica.llm.tensor.TensorScope;

/// Measures training steps on a model of real shape with random weights and prints one line of JSON: the
/// median, least and largest time of a step, tokens per second and the device's memory.
///
/// Arguments, each `name=value`: `model` (`qwen_7b`, `qwen_1_5b`, `small_135m`), `batch` rows of `length`
/// tokens or instead `lengths`, one for each row with commas between them, `policy` (`keep`, `recompute`,
/// `offload`), `method` (`fused`, `recorded`), `type` (`bf16`, `f16`, `f32`), `weights` (`full`,
/// `nf4_double`, `int8` and so on), `tokens` (embedding and head: `full`, `eight_bits`), `ahead` (whether
/// a step is waited for only when the next one is on its way, as a run does), `warmup`, `steps`.
public final class StepBenchmark {

    private static final double RATE = 2e-4;
    private static final double WEIGHT_DECAY = 0.01;
    private static final double MOST = 1;
    private static final long SEED = 3407;
    private static final double GIB = 1L << 30;

    private static final Map<String, String> DEFAULTS = Map.ofEntries(
            Map.entry("model", "small_135m"),
            Map.entry("batch", "2"),
            Map.entry("length", "128"),
            Map.entry("lengths", ""),
            Map.entry("policy", "keep"),
            Map.entry("method", "fused"),
            Map.entry("type", "f32"),
            Map.entry("weights", "full"),
            Map.entry("tokens", "full"),
            Map.entry("ahead", "false"),
            Map.entry("warmup", "2"),
            Map.entry("steps", "6"));

    private final BenchmarkArguments arguments;

    private StepBenchmark(String... given) {
        this.arguments = new BenchmarkArguments(DEFAULTS, given);
    }

    public static void main(String[] given) throws JsonProcessingException {
        System.out.println(new ObjectMapper().writeValueAsString(new StepBenchmark(given).measure()));
    }

    private Map<String, Object> measure() {
        LoraSpec spec = new LoraSpec(16, 16, 0, LoraSpec.ALL_PROJECTIONS, false);
        RandomModel shape = arguments.choice(RandomModel.class, "model");
        ElementType type = arguments.choice(ElementType.class, "type");
        try (TensorScope scope = TensorScope.open("benchmark")) {
            LoadPlan plan = LoadPlan.of(type)
                    .with(AdapterParameters.room(shape.config(), spec))
                    .with(arguments.choice(WeightFormat.class, "weights"))
                    .with(arguments.choice(TokenFormat.class, "tokens"));
            double context = contextOf(scope);
            CausalLm base = shape.make(scope, plan);
            double weights = taken();
            AdapterParameters adapter = FreshAdapter.create(scope, base, spec, SEED);
            adapter.named().values().forEach(Autograd::parameter);
            try (GradientMethod method = arguments.gradients(scope, base, adapter);
                    AdamW optimizer = new AdamW(scope, adapter.named(), OptimizerSpec.DEFAULTS, WEIGHT_DECAY, _ -> 1)) {
                BatchesAhead batches = batches(scope, shape.config().vocabularySize());
                OptimizerSteps steps =
                        new OptimizerSteps(scope, method, optimizer, LossScale.none(), batches, MOST, SEED);
                return report(context, weights, seconds(steps));
            }
        }
    }

    private BatchesAhead batches(TensorScope scope, int vocabulary) {
        Random random = new Random(7);
        return new BatchesAhead(
                scope, _ -> Windows.single(rows(random, vocabulary)), lengths().length, warmup() + measured());
    }

    /// How long each step took, in order of length.
    private double[] seconds(OptimizerSteps steps) {
        boolean ahead = Boolean.parseBoolean(arguments.text("ahead"));
        double[] seconds = new double[measured()];
        for (int step = 1; step <= warmup() + seconds.length; step++) {
            long started = System.nanoTime();
            if (ahead) {
                steps.begin(step, RATE);
            } else {
                steps.take(step, RATE);
            }
            if (step > warmup()) {
                seconds[step - warmup() - 1] = (System.nanoTime() - started) / 1e9;
            }
        }
        if (ahead) {
            steps.finish();
        }
        Arrays.sort(seconds);
        return seconds;
    }

    private int warmup() {
        return arguments.number("warmup");
    }

    private int measured() {
        return arguments.number("steps");
    }

    private List<TokenizedExample> rows(Random random, int vocabulary) {
        List<TokenizedExample> rows = new ArrayList<>();
        for (int length : lengths()) {
            rows.add(new TokenizedExample(
                    rows.size() + 1, random.ints(length, 0, vocabulary).toArray(), 1, 1));
        }
        return rows;
    }

    private int[] lengths() {
        String each = arguments.text("lengths");
        if (each.isEmpty()) {
            int[] equal = new int[arguments.number("batch")];
            Arrays.fill(equal, arguments.number("length"));
            return equal;
        }
        return Arrays.stream(each.split(",")).mapToInt(Integer::parseInt).toArray();
    }

    private Map<String, Object> report(double context, double weights, double... seconds) {
        double median = seconds[seconds.length / 2];
        Map<String, Object> report = arguments.all();
        report.put("device", TensorDevice.current().words());
        report.put("step_s", median);
        report.put("min_s", seconds[0]);
        report.put("max_s", seconds[seconds.length - 1]);
        report.put("tokens_per_s", Arrays.stream(lengths()).sum() / median);
        report.put("context_gib", context);
        report.put("weights_gib", weights);
        report.put("taken_gib", taken());
        return report;
    }

    /// What the driver takes for the process before there are tensors of any size; the peer does not count
    /// it.
    private static double contextOf(TensorScope scope) {
        try (Tensor first = scope.empty(ElementType.F32, 1)) {
            return first.onGpu() ? taken() : 0;
        }
    }

    private static double taken() {
        if (!TensorDevice.current().gpu() || !Cuda.available()) {
            return 0;
        }
        CudaDevice.Memory memory = Cuda.device(TensorDevice.current().index()).memory();
        return (memory.total() - memory.free()) / GIB;
    }
}

package io.lorica.llm.train;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorica.contracts.job.LoraSpec;
import io.lorica.llm.fused.FusedModel;
import io.lorica.llm.fused.StepParts;
import io.lorica.llm.lora.AdapterParameters;
import io.lorica.llm.lora.FreshAdapter;
import io.lorica.llm.model.CausalLm;
import io.lorica.llm.model.LoadPlan;
import io.lorica.llm.tensor.Autograd;
import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.Products;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorDevice;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.tensor.Tensors;

/// Measures the parts of a training step one by one and lays each beside its floor, the least time that its
/// operations and its bytes allow at the rates which the device sustains for one large product and one
/// large copy (the roofline model, https://doi.org/10.1145/1498765.1498785). Prints one line of JSON; its
/// `step_s` is the sum of all parts.
///
/// Arguments, each `name=value`: `model`, `batch`, `length` and `type` as [StepBenchmark] has them.
public final class PartsBenchmark {

    private static final double MICRO = 1e6;
    private static final double LONG_ENOUGH = 0.05;
    private static final int REPEATED = 10;
    private static final Map<String, String> DEFAULTS =
            Map.of("model", "small_135m", "batch", "2", "length", "128", "type", "f32");

    private final BenchmarkArguments arguments;
    private final ElementType type;

    /// What the device sustains.
    private record Roof(double operationsPerSecond, double bytesPerSecond) {}

    private PartsBenchmark(String... given) {
        this.arguments = new BenchmarkArguments(DEFAULTS, given);
        this.type = arguments.choice(ElementType.class, "type");
    }

    public static void main(String[] given) throws JsonProcessingException {
        System.out.println(new ObjectMapper().writeValueAsString(new PartsBenchmark(given).measure()));
    }

    private Map<String, Object> measure() {
        LoraSpec spec = new LoraSpec(16, 16, 0, LoraSpec.ALL_PROJECTIONS, false);
        RandomModel shape = arguments.choice(RandomModel.class, "model");
        try (TensorScope scope = TensorScope.open("parts")) {
            CausalLm base = shape.make(scope, LoadPlan.of(type).with(AdapterParameters.room(shape.config(), spec)));
            AdapterParameters adapter = FreshAdapter.create(scope, base, spec, 3407);
            adapter.named().values().forEach(Autograd::parameter);
            try (FusedModel model = FusedModel.of(scope, base, adapter)) {
                List<StepParts.Part> parts = StepParts.measure(
                        scope, model, arguments.number("batch"), arguments.number("length"), LONG_ENOUGH);
                return report(parts, roof(scope));
            }
        }
    }

    private Map<String, Object> report(List<StepParts.Part> parts, Roof roof) {
        Map<String, Object> report = arguments.all();
        report.put("device", TensorDevice.current().words());
        report.put("sustained_tflops", roof.operationsPerSecond() / 1e12);
        report.put("sustained_gb_per_s", roof.bytesPerSecond() / 1e9);
        report.put(
                "step_s",
                parts.stream()
                        .mapToDouble(part -> part.calls() * part.seconds())
                        .sum());
        report.put(
                "floor_s",
                parts.stream()
                        .mapToDouble(part -> part.calls() * floor(part, roof))
                        .sum());
        List<Map<String, Object>> lines = new ArrayList<>();
        for (StepParts.Part part : parts) {
            lines.add(Map.of(
                    "part",
                    part.name(),
                    "calls",
                    part.calls(),
                    "us",
                    part.seconds() * MICRO,
                    "floor_us",
                    floor(part, roof) * MICRO,
                    "over_floor",
                    part.seconds() / floor(part, roof),
                    "gflop",
                    part.operations() / 1e9,
                    "mb",
                    part.bytes() / 1e6));
        }
        report.put("parts", lines);
        return report;
    }

    private static double floor(StepParts.Part part, Roof roof) {
        return part.floor(roof.operationsPerSecond(), roof.bytesPerSecond());
    }

    private Roof roof(TensorScope scope) {
        long side = TensorDevice.current().gpu() ? 8_192 : 1_024;
        try (Autograd off = Autograd.off();
                TensorScope work = scope.child("roof")) {
            Tensor a = Tensors.normal(work.empty(type, side, side), 0.1);
            Tensor b = Tensors.normal(work.empty(type, side, side), 0.1);
            Tensor out = work.empty(type, side, side);
            double product = fastest(work, () -> Products.multiply(out, a, b));
            Tensor source = work.zeros(type, 4 * side, side);
            Tensor target = work.zeros(type, 4 * side, side);
            double copy = fastest(work, () -> Tensors.copyInto(target, source));
            return new Roof(2.0 * side * side * side / product, 2.0 * source.bytes() / copy);
        }
    }

    /// Seconds of a call, the best of some rows of ten.
    private static double fastest(TensorScope scope, Runnable work) {
        double best = Double.MAX_VALUE;
        try (Tensor probe = scope.zeros(1)) {
            for (int row = 0; row < REPEATED; row++) {
                long started = System.nanoTime();
                for (int i = 0; i < REPEATED; i++) {
                    work.run();
                }
                probe.toFloatArray();
                best = Math.min(best, (System.nanoTime() - started) / 1e9 / REPEATED);
            }
        }
        return best;
    }
}

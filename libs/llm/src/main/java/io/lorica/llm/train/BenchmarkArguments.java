package io.lorica.llm.train;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

import io.lorica.llm.fused.FusedModel;
import io.lorica.llm.lora.AdapterParameters;
import io.lorica.llm.model.ActivationPolicy;
import io.lorica.llm.model.CausalLm;
import io.lorica.llm.tensor.TensorScope;

/// `name=value` arguments of a measurement, each with a default.
final class BenchmarkArguments {

    private final Map<String, String> values;

    /// @throws IllegalArgumentException for a word that is none of the names with a value
    BenchmarkArguments(Map<String, String> defaults, String... given) {
        this.values = new LinkedHashMap<>(defaults);
        for (String argument : given) {
            String[] parts = argument.split("=", 2);
            if (parts.length != 2 || !values.containsKey(parts[0])) {
                throw new IllegalArgumentException(
                        "'" + argument + "' is not one of " + values.keySet() + " with =value");
            }
            values.put(parts[0], parts[1]);
        }
    }

    /// All of them, to be changed by the caller.
    Map<String, Object> all() {
        return new LinkedHashMap<>(values);
    }

    String text(String name) {
        return values.getOrDefault(name, "");
    }

    int number(String name) {
        return Integer.parseInt(text(name));
    }

    /// One of a kind, by its name in lower case.
    <E extends Enum<E>> E choice(Class<E> kind, String name) {
        return Enum.valueOf(kind, text(name).toUpperCase(Locale.ROOT));
    }

    /// How gradients are taken, as `method` and `policy` say.
    GradientMethod gradients(TensorScope scope, CausalLm base, AdapterParameters adapter) {
        ActivationPolicy policy = choice(ActivationPolicy.class, "policy");
        return switch (text("method")) {
            case "fused" -> new FusedGradients(FusedModel.of(scope, base, adapter), policy);
            case "recorded" -> new RecordedGradients(adapter.applyTo(base, 0), policy);
            default -> throw new IllegalArgumentException("method is fused or recorded");
        };
    }
}

package io.lorica.llm.lora;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

import io.lorica.contracts.job.LoraBias;
import io.lorica.contracts.job.LoraOptions;
import io.lorica.llm.model.ModelConfig;
import io.lorica.llm.model.ProjectionKind;
import io.lorica.llm.model.WholeTensors;

/// Which tensors an adapter carries whole: the biases that `bias` names, and the modules of `modules_to_save`.
final class WholeChoice {

    private static final String WEIGHT = ".weight";
    private static final String BIAS = ".bias";

    private WholeChoice() {}

    /// The names of the tensors, in the order of the model.
    ///
    /// @throws IllegalArgumentException when `modules_to_save` names what the model has not or what is a projection
    static List<String> of(ModelConfig config, LoraOptions options, List<AdapterLayout.Place> places) {
        Set<String> known = WholeTensors.shapes(config).keySet();
        options.modulesToSave().forEach(module -> check(known, module));
        Set<String> adapted =
                places.stream().map(place -> WholeTensors.bias(place.site())).collect(Collectors.toSet());
        return known.stream()
                .filter(name -> name.endsWith(BIAS)
                        ? trained(options.bias(), adapted.contains(name))
                        : options.modulesToSave().stream().anyMatch(module -> named(name, module)))
                .toList();
    }

    private static boolean trained(LoraBias bias, boolean adapted) {
        return switch (bias) {
            case NONE -> false;
            case ALL -> true;
            case LORA_ONLY -> adapted;
        };
    }

    /// PEFT compares with the end of a module's path, so that `norm` is every norm.
    private static boolean named(String tensor, String module) {
        return tensor.endsWith(module + WEIGHT);
    }

    private static void check(Set<String> known, String module) {
        if (Arrays.stream(ProjectionKind.values()).anyMatch(kind -> kind.path().endsWith(module))) {
            throw new IllegalArgumentException("modules_to_save names '" + module
                    + "', which is a projection; projections get adapters by target_modules");
        }
        if (module.isEmpty() || known.stream().noneMatch(name -> named(name, module))) {
            throw new IllegalArgumentException("modules_to_save names '" + module
                    + "', which the model does not have; choose from lm_head, embed_tokens and the names of norms");
        }
    }
}

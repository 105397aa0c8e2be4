package io.lorica.llm.model;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SequencedMap;
import java.util.stream.Stream;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.llm.weights.ModelWeightFiles;
import io.lorica.llm.weights.StoredTensor;

/// Whether a model's files hold what its configuration says, before any of it takes memory of a device.
///
/// @param config the configuration
/// @param files the weights
record WeightsCheck(ModelConfig config, ModelWeightFiles files) {

    private static final int NAMES_IN_MESSAGE = 5;

    /// Looks through names, shapes and numbers.
    ///
    /// @throws ProductException with `UNSUPPORTED_MODEL` that names what is missing, unexpected, mis-shaped or not
    ///     finite
    void mustPass() {
        SequencedMap<String, long[]> expected = expected();
        List<String> problems = Stream.concat(
                        expected.entrySet().stream().flatMap(one -> problems(one.getKey(), one.getValue())),
                        files.names().stream()
                                .filter(name -> !expected.containsKey(name) && !harmless(name))
                                .map(name -> name + " is unexpected"))
                .toList();
        if (!problems.isEmpty()) {
            throw ProductException.of(ErrorCode.UNSUPPORTED_MODEL, sentence(problems));
        }
        expected.keySet().parallelStream()
                .filter(name -> !files.tensor(name).orElseThrow().finite())
                .min(Comparator.naturalOrder())
                .ifPresent(name -> {
                    throw notFinite(name, ". Fetch the model again.");
                });
    }

    private SequencedMap<String, long[]> expected() {
        SequencedMap<String, long[]> shapes = WholeTensors.shapes(config);
        if (config.tiedEmbeddings()) {
            shapes.remove(WholeTensors.HEAD);
        }
        for (int layer = 0; layer < config.layers(); layer++) {
            for (ProjectionKind kind : ProjectionKind.values()) {
                shapes.put(
                        new ProjectionSite(layer, kind).matrix(),
                        new long[] {config.outputs(kind), config.inputs(kind)});
            }
        }
        return shapes;
    }

    private Stream<String> problems(String name, long... shape) {
        StoredTensor stored = files.tensor(name).orElse(null);
        if (stored == null) {
            return Stream.of(name + " is missing");
        }
        Stream.Builder<String> problems = Stream.builder();
        if (!stored.type().holdsWeights()) {
            problems.add(name + " has the element type " + stored.type().label() + " instead of F32, F16 or BF16");
        }
        if (!Arrays.equals(stored.shape(), shape)) {
            problems.add(
                    name + " has shape " + Arrays.toString(stored.shape()) + " instead of " + Arrays.toString(shape));
        }
        return problems.build();
    }

    /// Tied heads and rotary tables are stored by some exporters although they follow from the rest.
    private boolean harmless(String name) {
        return name.endsWith("rotary_emb.inv_freq") || (config.tiedEmbeddings() && name.equals(WholeTensors.HEAD));
    }

    private static String sentence(List<String> problems) {
        String listed = String.join("; ", problems.subList(0, Math.min(NAMES_IN_MESSAGE, problems.size())));
        int others = problems.size() - NAMES_IN_MESSAGE;
        return "The model's weights do not fit its config.json: " + listed
                + (others > 0 ? "; and " + others + " more" : "") + ".";
    }

    /// That a tensor holds what is no number.
    ///
    /// @param remedy how the sentence ends
    static ProductException notFinite(String name, String remedy) {
        return ProductException.of(
                ErrorCode.UNSUPPORTED_MODEL,
                "The model's tensor " + name + " holds values that are not finite" + remedy);
    }
}

package io.lorica.llm.lora;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorica.contracts.job.LoraSpec;
import io.lorica.llm.model.ModelConfig;
import io.lorica.llm.model.ProjectionSite;
import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.weights.SafetensorsFile;
import io.lorica.llm.weights.SafetensorsWriter;
import io.lorica.llm.weights.StoredTensor;
import io.lorica.llm.weights.TensorSource;
import org.jspecify.annotations.Nullable;

/// An adapter's files in PEFT layout: `adapter_model.safetensors` and `adapter_config.json`.
public final class AdapterFiles {

    /// The file with the tensors.
    public static final String WEIGHTS = "adapter_model.safetensors";
    /// The file with the shape.
    public static final String CONFIG = "adapter_config.json";

    private static final ObjectMapper JSON = new ObjectMapper();

    private AdapterFiles() {}

    /// Writes an adapter in float32.
    ///
    /// @param baseModel the base model's name, for PEFT's `base_model_name_or_path`
    public static void write(Path directory, AdapterParameters parameters, LoraSpec spec, String baseModel) {
        try {
            Files.createDirectories(directory);
            SafetensorsWriter.write(
                    directory.resolve(WEIGHTS),
                    TensorSource.all(parameters.named()),
                    ElementType.F32,
                    Map.of("format", "pt"));
            JsonNode config = new AdapterConfig(spec, baseModel).tree();
            Files.writeString(
                    directory.resolve(CONFIG),
                    JSON.writerWithDefaultPrettyPrinter().writeValueAsString(config));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the adapter to " + directory, e);
        }
    }

    /// The shape of an adapter.
    ///
    /// @throws io.lorica.contracts.error.ProductException when its configuration is damaged or cannot be used
    public static LoraSpec spec(Path directory) {
        return AdapterConfig.read(configTree(directory)).spec();
    }

    /// Reads an adapter into a scope.
    ///
    /// @throws io.lorica.contracts.error.ProductException when its files are damaged or do not fit the model
    public static AdapterParameters read(TensorScope scope, Path directory, ModelConfig config) {
        LoraSpec spec = spec(directory);
        if (!Files.exists(directory.resolve(WEIGHTS))) {
            throw AdapterConfig.unusable("its " + WEIGHTS + " is missing");
        }
        try (SafetensorsFile file = SafetensorsFile.open(directory.resolve(WEIGHTS))) {
            return new AdapterParameters(pairs(scope, file, config, spec));
        }
    }

    private static List<LoraPair> pairs(TensorScope scope, SafetensorsFile file, ModelConfig config, LoraSpec spec) {
        List<LoraPair> pairs = new ArrayList<>();
        Set<String> unknown = new HashSet<>(file.names());
        for (AdapterLayout.Place place : layout(config, spec).places()) {
            ProjectionSite site = place.site();
            int outputs = config.outputs(site.kind());
            Tensor a = load(scope, file, LoraPair.nameOfA(site), place.rank(), config.inputs(site.kind()));
            Tensor b = load(scope, file, LoraPair.nameOfB(site), outputs, place.rank());
            @Nullable
            Tensor magnitude = spec.extras().dora() ? load(scope, file, LoraPair.nameOfMagnitude(site), outputs) : null;
            LoraPair pair = new LoraPair(site, place.scale(), a, b, magnitude);
            pairs.add(pair);
            unknown.removeAll(new AdapterParameters(List.of(pair)).named().keySet());
        }
        if (!unknown.isEmpty()) {
            throw AdapterConfig.unusable("it has the unexpected tensor "
                    + unknown.stream().sorted().findFirst().orElseThrow());
        }
        return pairs;
    }

    private static AdapterLayout layout(ModelConfig config, LoraSpec spec) {
        try {
            return AdapterLayout.of(config, spec);
        } catch (IllegalArgumentException e) {
            throw AdapterConfig.unusable(String.valueOf(e.getMessage()));
        }
    }

    private static Tensor load(TensorScope scope, SafetensorsFile file, String name, long... shape) {
        StoredTensor stored =
                file.tensor(name).orElseThrow(() -> AdapterConfig.unusable("its tensor " + name + " is missing"));
        if (!Arrays.equals(stored.shape(), shape)) {
            throw AdapterConfig.unusable("its tensor " + name + " has shape " + Arrays.toString(stored.shape())
                    + " and the model needs " + Arrays.toString(shape));
        }
        return stored.load(scope);
    }

    private static JsonNode configTree(Path directory) {
        try {
            return JSON.readTree(Files.readString(directory.resolve(CONFIG)));
        } catch (JsonProcessingException e) {
            throw AdapterConfig.unusable("its " + CONFIG + " is not valid JSON");
        } catch (IOException e) {
            throw AdapterConfig.unusable("its " + CONFIG + " cannot be read");
        }
    }
}

package io.lorica.llm.lora;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeSet;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorica.contracts.job.LoraSpec;
import io.lorica.llm.model.CausalLm;
import io.lorica.llm.model.ModelConfig;
import io.lorica.llm.model.ProjectionSite;
import io.lorica.llm.model.WholeTensors;
import io.lorica.llm.tensor.Autograd;
import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.tensor.Tensors;
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

    /// Writes an adapter in float32. One that began as a part of the base's weights is written as one for the base as
    /// it was, with twice the rank.
    ///
    /// @param baseModel the base model's name, for PEFT's `base_model_name_or_path`
    public static void write(Path directory, AdapterParameters parameters, LoraSpec spec, String baseModel) {
        if (parameters.origin().isEmpty()) {
            writeAsItIs(directory, parameters, spec, baseModel);
            return;
        }
        try (TensorScope scope = TensorScope.open("standalone-adapter");
                Autograd off = Autograd.off()) {
            AdapterParameters standalone = PrincipalStart.standalone(scope, parameters);
            writeAsItIs(directory, standalone, PrincipalStart.standalone(spec), baseModel);
        }
    }

    private static void writeAsItIs(Path directory, AdapterParameters parameters, LoraSpec spec, String baseModel) {
        try {
            Files.createDirectories(directory);
            SafetensorsWriter.write(
                    directory.resolve(WEIGHTS),
                    TensorSource.all(parameters.named()),
                    ElementType.F32,
                    Map.of("format", "pt"));
            List<String> adapted =
                    parameters.pairs().stream().map(pair -> pair.site().path()).toList();
            JsonNode config = new AdapterConfig(spec, baseModel).tree(adapted);
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

    /// The shape of an adapter.
    ///
    /// @param config the bytes of its `adapter_config.json`
    /// @throws io.lorica.contracts.error.ProductException when its configuration is damaged or cannot be used
    public static LoraSpec spec(byte[] config) {
        return AdapterConfig.read(configTree(config)).spec();
    }

    /// The base model that an adapter names, empty where it names none.
    ///
    /// @param config the bytes of its `adapter_config.json`
    /// @throws io.lorica.contracts.error.ProductException when its configuration is damaged or cannot be used
    public static String baseModel(byte[] config) {
        return AdapterConfig.read(configTree(config)).baseModel();
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
            AdapterLayout layout = layout(config, spec);
            List<LoraPair> pairs = pairs(scope, file, config, spec, layout);
            SequencedMap<String, Tensor> whole = whole(scope, file, config, layout);
            AdapterParameters adapter = new AdapterParameters(pairs, whole, List.of());
            refuseOthers(file, adapter.named().keySet(), layout);
            return adapter;
        }
    }

    /// Refuses an adapter that does not fit a model, by the headers of its files alone.
    ///
    /// @throws io.lorica.contracts.error.ProductException when its files are damaged or do not fit the model
    public static void requireFit(Path directory, ModelConfig config) {
        LoraSpec spec = spec(directory);
        try (SafetensorsFile file = SafetensorsFile.open(directory.resolve(WEIGHTS))) {
            AdapterLayout layout = layout(config, spec);
            SequencedMap<String, long[]> shapes = shapes(file, config, spec, layout);
            shapes.forEach((name, shape) -> stored(file, name, shape));
            refuseOthers(file, shapes.keySet(), layout);
        }
    }

    private static SequencedMap<String, long[]> shapes(
            SafetensorsFile file, ModelConfig config, LoraSpec spec, AdapterLayout layout) {
        SequencedMap<String, long[]> shapes = new LinkedHashMap<>();
        for (AdapterLayout.Place place : layout.places()) {
            ProjectionSite site = place.site();
            int outputs = config.outputs(site.kind());
            shapes.put(LoraPair.nameOfA(site), new long[] {place.rank(), config.inputs(site.kind())});
            shapes.put(LoraPair.nameOfB(site), new long[] {outputs, place.rank()});
            if (spec.extras().dora()) {
                shapes.put(LoraPair.nameOfMagnitude(site), new long[] {outputs});
            }
        }
        Map<String, long[]> ofModel = WholeTensors.shapes(config);
        for (String name : layout.whole()) {
            shapes.put(nameInFile(file, name), ofModel.getOrDefault(name, new long[0]));
        }
        return shapes;
    }

    /// Reads the adapter of an unfinished run, to go on from. A start that changes the base's weights changes them now.
    ///
    /// @param spec what the run was asked for
    /// @throws io.lorica.contracts.error.ProductException when its files are damaged or do not fit the model
    public static AdapterParameters resume(TensorScope scope, Path directory, CausalLm base, LoraSpec spec) {
        AdapterParameters saved = read(scope, directory, base.config());
        return switch (spec.extras().start().method()) {
            case KAIMING, GAUSSIAN -> saved;
            case PISSA -> PrincipalStart.goOn(scope, base, saved, spec);
            case LOFTQ -> PrincipalStart.halves(scope, base, saved, spec);
        };
    }

    /// Reads an adapter to begin a run with, in float32 whatever its files hold.
    ///
    /// @param spec the shape that the run was asked for
    /// @throws io.lorica.contracts.error.ProductException when its files are damaged, do not fit the model, or have
    ///     another shape
    public static AdapterParameters trainable(TensorScope scope, Path directory, CausalLm base, LoraSpec spec) {
        try (TensorScope work = scope.child("trained-adapter");
                Autograd off = Autograd.off()) {
            AdapterParameters read = read(work, directory, base.config());
            if (!layout(base.config(), spec).equals(layout(base.config(), spec(directory)))) {
                throw AdapterConfig.unusable("it has another shape than when the job was submitted");
            }
            FreshAdapter.requireTrainable(read.whole().sequencedKeySet(), base);
            List<LoraPair> pairs = read.pairs().stream()
                    .map(pair -> new LoraPair(
                            pair.site(),
                            pair.scale(),
                            wide(scope, work, pair.a()),
                            wide(scope, work, pair.b()),
                            pair.magnitude() == null ? null : wide(scope, work, pair.magnitude())))
                    .toList();
            SequencedMap<String, Tensor> whole = new LinkedHashMap<>();
            read.whole().forEach((name, tensor) -> whole.put(name, wide(scope, work, tensor)));
            return new AdapterParameters(pairs, whole, List.of());
        }
    }

    private static Tensor wide(TensorScope scope, TensorScope work, Tensor tensor) {
        return scope.adopt(work.borrow(tensor).to(ElementType.F32).duplicate());
    }

    /// Gives the adapter of a run the values that it had when it was saved; the base's weights stay as they are.
    ///
    /// @param spec what the run was asked for
    /// @throws io.lorica.contracts.error.ProductException when the files are damaged or do not fit
    public static void goBack(
            TensorScope scope, Path directory, CausalLm base, LoraSpec spec, AdapterParameters adapter) {
        AdapterParameters read = read(scope, directory, base.config());
        AdapterParameters saved = adapter.origin().isEmpty() ? read : PrincipalStart.halves(scope, base, read, spec);
        SequencedMap<String, Tensor> values = saved.named();
        adapter.named().forEach((name, tensor) -> Tensors.copyInto(tensor, values.getOrDefault(name, tensor)));
    }

    private static List<LoraPair> pairs(
            TensorScope scope, SafetensorsFile file, ModelConfig config, LoraSpec spec, AdapterLayout layout) {
        List<LoraPair> pairs = new ArrayList<>();
        for (AdapterLayout.Place place : layout.places()) {
            ProjectionSite site = place.site();
            int outputs = config.outputs(site.kind());
            Tensor a = load(scope, file, LoraPair.nameOfA(site), place.rank(), config.inputs(site.kind()));
            Tensor b = load(scope, file, LoraPair.nameOfB(site), outputs, place.rank());
            @Nullable
            Tensor magnitude = spec.extras().dora() ? load(scope, file, LoraPair.nameOfMagnitude(site), outputs) : null;
            pairs.add(new LoraPair(site, place.scale(), a, b, magnitude));
        }
        return pairs;
    }

    private static SequencedMap<String, Tensor> whole(
            TensorScope scope, SafetensorsFile file, ModelConfig config, AdapterLayout layout) {
        SequencedMap<String, Tensor> whole = new LinkedHashMap<>();
        Map<String, long[]> shapes = WholeTensors.shapes(config);
        for (String name : layout.whole()) {
            whole.put(name, load(scope, file, nameInFile(file, name), shapes.getOrDefault(name, new long[0])));
        }
        return whole;
    }

    /// Biases of adapted projections have had two names in the course of PEFT's versions.
    private static String nameInFile(SafetensorsFile file, String tensor) {
        String beside = LoraPair.nameOfBias(tensor);
        return file.names().contains(beside) ? beside : LoraPair.PREFIX + tensor;
    }

    private static void refuseOthers(SafetensorsFile file, Set<String> known, AdapterLayout layout) {
        Set<String> unknown = new TreeSet<>(file.names());
        unknown.removeAll(known);
        layout.whole().forEach(name -> unknown.remove(nameInFile(file, name)));
        unknown.stream().findFirst().ifPresent(name -> {
            throw AdapterConfig.unusable("it has the unexpected tensor " + name);
        });
    }

    private static AdapterLayout layout(ModelConfig config, LoraSpec spec) {
        try {
            return AdapterLayout.of(config, spec);
        } catch (IllegalArgumentException e) {
            throw AdapterConfig.unusable(String.valueOf(e.getMessage()));
        }
    }

    private static Tensor load(TensorScope scope, SafetensorsFile file, String name, long... shape) {
        return stored(file, name, shape).load(scope);
    }

    private static StoredTensor stored(SafetensorsFile file, String name, long... shape) {
        StoredTensor stored =
                file.tensor(name).orElseThrow(() -> AdapterConfig.unusable("its tensor " + name + " is missing"));
        if (!Arrays.equals(stored.shape(), shape)) {
            throw AdapterConfig.unusable("its tensor " + name + " has shape " + Arrays.toString(stored.shape())
                    + " and the model needs " + Arrays.toString(shape));
        }
        return stored;
    }

    private static JsonNode configTree(Path directory) {
        try {
            return configTree(Files.readAllBytes(directory.resolve(CONFIG)));
        } catch (IOException e) {
            throw AdapterConfig.unusable("its " + CONFIG + " cannot be read");
        }
    }

    private static JsonNode configTree(byte[] config) {
        try {
            return JSON.readTree(config);
        } catch (IOException e) {
            throw AdapterConfig.unusable("its " + CONFIG + " is not valid JSON");
        }
    }
}

package io.lorica.llm.export;

import java.nio.file.Path;
import java.util.List;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.gguf.GgufArchitecture;
import io.lorica.gguf.GgufWriter;
import io.lorica.gguf.TensorEncoding;
import io.lorica.gguf.TensorNames;
import io.lorica.gguf.TokenizerKeys;
import io.lorica.layout.TokenizerDescription;
import io.lorica.llm.lora.AdapterFiles;
import io.lorica.llm.lora.AdapterParameters;
import io.lorica.llm.lora.LoraPair;
import io.lorica.llm.model.ModelConfig;
import io.lorica.llm.model.ModelConfigReader;
import io.lorica.llm.model.ProjectionKind;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.weights.ModelFiles;
import io.lorica.llm.weights.ModelWeightFiles;
import io.lorica.llm.weights.TensorSource;

/// Writes GGUF files that llama.cpp reads, stored as its own converters (`convert_hf_to_gguf.py` and
/// `convert_lora_to_gguf.py`) store them: vectors in float32, matrices as asked for, those whose rows are no whole
/// blocks
/// in float16.
public final class GgufExport {

    private static final List<TensorEncoding> WRITABLE =
            List.of(TensorEncoding.F32, TensorEncoding.F16, TensorEncoding.BF16, TensorEncoding.Q8_0);
    private static final String TYPE = "general.type";
    private static final String FILE_TYPE = "general.file_type";
    private static final String HEAD = "lm_head.weight";

    private final ModelConfig config;
    private final GgufArchitecture architecture;
    private final TensorEncoding encoding;
    private final GgufWriter writer = new GgufWriter();

    private GgufExport(ModelConfig config, TensorEncoding encoding) {
        if (!WRITABLE.contains(encoding)) {
            throw ProductException.of(
                    ErrorCode.INVALID_REQUEST,
                    "GGUF files are written in " + WRITABLE + ", not in " + encoding + ". Choose one of these.");
        }
        this.config = config;
        this.encoding = encoding;
        this.architecture = GgufArchitecture.ofClass(config.architecture())
                .orElseThrow(() -> unwritable("llama.cpp has no name for " + config.architecture()));
    }

    /// Writes a whole model, such as one that an adapter was merged into, one tensor after the other.
    ///
    /// @param source the model; a GGUF file can be written anew
    /// @param name what the model is called in the file
    /// @throws ProductException with `UNSUPPORTED_MODEL` when llama.cpp has no such model
    public static void model(ModelFiles source, Path target, String name, TensorEncoding encoding) {
        try (ModelWeightFiles weights = source.openWeights()) {
            List<TensorSource> tensors = weights.names().stream()
                    .map(tensor ->
                            TensorSource.of(tensor, weights.tensor(tensor).orElseThrow()))
                    .toList();
            model(source, tensors, target, name, encoding);
        }
    }

    /// Writes a whole model whose tensors are made on the way.
    ///
    /// @param description where its configuration and tokenizer come from
    /// @param tensors the model's tensors by their names in Hugging Face's layout
    /// @param name what the model is called in the file
    /// @throws ProductException with `UNSUPPORTED_MODEL` when llama.cpp has no such model
    public static void model(
            ModelFiles description, List<TensorSource> tensors, Path target, String name, TensorEncoding encoding) {
        ModelConfig config = ModelConfigReader.read(description.config());
        GgufExport export = new GgufExport(config, encoding);
        export.addModel(description, tensors, name);
        export.writer.write(target);
    }

    /// Writes an adapter, to be laid over its base model.
    ///
    /// @param directory the adapter in PEFT's layout
    /// @param base the model that it was trained on
    /// @param name what the adapter is called in the file
    /// @throws ProductException with `UNSUPPORTED_MODEL` when the adapter is more than A and B
    public static void adapter(Path directory, ModelFiles base, Path target, String name, TensorEncoding encoding) {
        ModelConfig config = ModelConfigReader.read(base.config());
        GgufExport export = new GgufExport(config, encoding);
        try (TensorScope scope = TensorScope.open("adapter")) {
            export.addAdapter(AdapterFiles.read(scope, directory, config), name);
            export.writer.write(target);
        }
    }

    private void addModel(ModelFiles source, List<TensorSource> tensors, String name) {
        writer.text("general.architecture", architecture.label());
        writer.text(TYPE, "model");
        writer.text("general.name", name);
        writer.whole(FILE_TYPE, encoding.fileType());
        writer.whole("general.quantization_version", 2);
        new ShapeKeys(config, architecture).addTo(writer);
        TokenizerDescription tokenizer = TokenizerDescription.read(source::read);
        new TokenizerKeys(tokenizer.tree(), tokenizer.specialTokens(), config.vocabularySize()).addTo(writer);
        ChatTemplateText.of(source, tokenizer.config())
                .ifPresent(template -> writer.text("tokenizer.chat_template", template));
        tensors.stream()
                .filter(tensor -> !tensor.name().equals(HEAD) || !config.tiedEmbeddings())
                .filter(tensor -> !tensor.name().endsWith("rotary_emb.inv_freq"))
                .forEach(this::addTensor);
    }

    private void addTensor(TensorSource tensor) {
        String name = tensor.name();
        String stored =
                TensorNames.gguf(name).orElseThrow(() -> unwritable("llama.cpp has no name for the tensor " + name));
        int heads = architecture.permuted() && TensorNames.rotated(name) ? headsOf(name) : 0;
        writer.tensor(new OutgoingTensor(tensor, heads).output(stored, encoding));
    }

    private int headsOf(String name) {
        return name.contains(ProjectionKind.QUERY.module()) ? config.heads() : config.keyValueHeads();
    }

    /// llama.cpp has one alpha for all pairs; where a pair has a scale of its own, its B takes up the difference.
    private void addAdapter(AdapterParameters adapter, String name) {
        if (adapter.named().size() != 2 * adapter.pairs().size()) {
            throw unwritable("llama.cpp's adapters have no learned magnitudes (DoRA), biases or whole modules");
        }
        LoraPair first = adapter.pairs().getFirst();
        double alpha = first.scale() * rank(first);
        writer.text("general.architecture", architecture.label());
        writer.text(TYPE, "adapter");
        writer.text("adapter.type", "lora");
        writer.text("general.name", name);
        writer.whole(FILE_TYPE, encoding.fileType());
        writer.number("adapter.lora.alpha", alpha);
        adapter.pairs().forEach(pair -> addPair(pair, alpha));
    }

    private void addPair(LoraPair pair, double alpha) {
        String name = pair.site().path() + ".weight";
        String stored =
                TensorNames.gguf(name).orElseThrow(() -> unwritable("llama.cpp has no name for the tensor " + name));
        int heads = architecture.permuted() && TensorNames.rotated(name) ? headsOf(name) : 0;
        double factor = pair.scale() * rank(pair) / alpha;
        writer.tensor(OutgoingTensor.of(pair.a(), 1, 0).output(stored + ".lora_a", encoding));
        writer.tensor(OutgoingTensor.of(pair.b(), factor, heads).output(stored + ".lora_b", encoding));
    }

    private static long rank(LoraPair pair) {
        return pair.a().size(0);
    }

    private static ProductException unwritable(String reason) {
        return ProductException.of(
                ErrorCode.UNSUPPORTED_MODEL,
                "This cannot be written as GGUF: " + reason + ". Export safetensors instead.");
    }
}

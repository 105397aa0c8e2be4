package io.lorica.llm.generate;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.LongStream;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorica.contracts.error.ProductException;
import io.lorica.llm.cuda.Cuda;
import io.lorica.llm.lora.AdapterFiles;
import io.lorica.llm.lora.AdapterParameters;
import io.lorica.llm.lora.MergeInPlace;
import io.lorica.llm.memory.FreeMemory;
import io.lorica.llm.model.CausalLm;
import io.lorica.llm.model.LoadPlan;
import io.lorica.llm.model.ModelConfigReader;
import io.lorica.llm.model.ModelLoader;
import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.TensorDevice;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.tokenizer.ChatInput;
import io.lorica.llm.tokenizer.ChatTemplate;
import io.lorica.llm.tokenizer.Tokenizer;
import io.lorica.llm.weights.ModelFiles;
import io.lorica.llm.weights.ModelWeightFiles;
import org.jspecify.annotations.Nullable;

/// A base model loaded from a directory or a GGUF file.
public final class LoadedLanguageModel implements LanguageModel {

    private static final double RESERVE = 1.5;
    private static final int CHUNK_ON_GPU = 512;
    private static final int CHUNK_ON_CPU = 64;

    private final TensorScope scope;
    private final CausalLm base;
    private final Tokenizer tokenizer;
    private final Set<Integer> endTokens;
    private final ModelFiles source;
    private final @Nullable ModelWeightFiles mapped;
    private final PromptTokens prompts;
    private final SamplingDefaults defaults;
    private volatile @Nullable ChatTemplate template;
    private @Nullable Hot hot;

    /// An adapter that is merged into the weights.
    private record Hot(LoraAdapter adapter, MergeInPlace merge) {}

    /// @param mapped the files that hold the weights, null where those are in memory
    private LoadedLanguageModel(
            TensorScope scope,
            ModelFiles source,
            CausalLm base,
            Tokenizer tokenizer,
            @Nullable ModelWeightFiles mapped) {
        this.scope = scope;
        this.mapped = mapped;
        this.source = source;
        this.base = base;
        this.tokenizer = tokenizer;
        this.endTokens = endTokens(source, tokenizer);
        this.prompts = new PromptTokens(
                tokenizer::encode, tokenizer::encodeSequence, base.config().contextLength());
        this.defaults = SamplingDefaults.read(source.generationConfig());
    }

    /// Reads weights and tokenizer, in the numbers that the device computes in best. The caller closes
    /// the model.
    ///
    /// @throws ProductException with `UNSUPPORTED_MODEL` when they cannot be used
    public static LoadedLanguageModel load(Path model) {
        return load(model, LoadPlan.of(TensorDevice.current().bestType()));
    }

    /// Opens a model that nothing is merged into. Weights of a type that the processor computes well are used
    /// where they are, in their mapped files: loading takes no time and no memory of its own, and processes share
    /// them. Others are read. The files must not be changed in place meanwhile. The caller closes the model.
    ///
    /// @throws ProductException with `UNSUPPORTED_MODEL` when they cannot be used
    @SuppressWarnings("MustBeClosedChecker") // the model owns files and tokenizer and closes them
    public static LoadedLanguageModel mapped(Path model) {
        ModelFiles source = ModelFiles.at(model);
        ModelWeightFiles files = source.openWeights();
        TensorScope scope = TensorScope.open("language-model");
        try {
            Optional<CausalLm> base = ModelLoader.inPlace(scope, source, files);
            if (base.isPresent()) {
                Tokenizer tokenizer = Tokenizer.open(source, base.get().config().vocabularySize());
                return new LoadedLanguageModel(scope, source, base.get(), tokenizer, files);
            }
        } catch (RuntimeException e) {
            scope.close();
            files.close();
            throw e;
        }
        scope.close();
        files.close();
        return load(model);
    }

    /// Reads weights and tokenizer. The caller closes the model.
    ///
    /// @param plan how the model is to lie in memory
    /// @throws ProductException with `UNSUPPORTED_MODEL` when they cannot be used
    @SuppressWarnings("MustBeClosedChecker") // the model owns the tokenizer and closes it
    public static LoadedLanguageModel load(Path model, LoadPlan plan) {
        ModelFiles source = ModelFiles.at(model);
        Tokenizer tokenizer =
                Tokenizer.open(source, ModelConfigReader.read(source.config()).vocabularySize());
        TensorScope scope = TensorScope.open("language-model");
        try {
            CausalLm base = ModelLoader.load(scope, source, plan);
            return new LoadedLanguageModel(scope, source, base, tokenizer, null);
        } catch (RuntimeException e) {
            tokenizer.close();
            scope.close();
            throw e;
        }
    }

    /// Tells whether a model fits into what the device's memory has left, by the size of its weights in full and a
    /// reserve for its answers; false where nobody can tell.
    ///
    /// @throws ProductException with `UNSUPPORTED_MODEL` when its files cannot be read
    public static boolean fits(Path model, LoadPlan plan) {
        return FreeMemory.ofDevice() instanceof FreeMemory.Known free
                && weightBytes(model, plan.type()) * RESERVE < free.bytes();
    }

    private static long weightBytes(Path model, ElementType type) {
        try (ModelWeightFiles files = ModelFiles.at(model).openWeights()) {
            return files.names().stream()
                    .flatMap(name -> files.tensor(name).stream())
                    .mapToLong(tensor -> LongStream.of(tensor.shape()).reduce(type.bytes(), (a, b) -> a * b))
                    .sum();
        }
    }

    @Override
    public String renderPrompt(ChatInput conversation, boolean continued) {
        ChatTemplate known = template;
        if (known == null) {
            // Threads that meet here read the same files twice.
            known = ChatTemplate.open(source);
            template = known;
        }
        return continued ? known.renderContinued(conversation) : known.render(conversation);
    }

    @Override
    public int[] tokenize(String prompt) {
        return prompts.of(prompt);
    }

    @Override
    public SamplingDefaults samplingDefaults() {
        return defaults;
    }

    @Override
    public LoadedAdapter loadAdapter(Path adapterDirectory) {
        TensorScope own = scope.child("adapter");
        try {
            AdapterParameters parameters = AdapterFiles.read(own, adapterDirectory, base.config());
            return new LoraAdapter(own, parameters, base, parameters.applyTo(base, 0));
        } catch (RuntimeException e) {
            own.close();
            throw e;
        }
    }

    @Override
    public void merge(LoadedAdapter adapter) {
        if (hot != null) {
            throw new IllegalStateException("an adapter is merged already; unmerge it first");
        }
        if (mapped != null) {
            throw new IllegalStateException("nothing can be merged into weights that are mapped from their files");
        }
        LoraAdapter own = own(adapter);
        hot = new Hot(own, new MergeInPlace(base, own.parameters()));
    }

    @Override
    public void unmerge() {
        if (hot != null) {
            hot.merge().close();
            hot = null;
        }
    }

    @Override
    public Generation generate(int[] prompt, Sampling sampling, Optional<LoadedAdapter> adapter) {
        modelWith(adapter); // refused now rather than at the first token
        return new TokenGeneration(() -> modelWith(adapter), scope, tokenizer, endTokens, prompt, sampling);
    }

    @Override
    public int contextLength() {
        return base.config().contextLength();
    }

    @Override
    public int promptChunk() {
        return TensorDevice.current().gpu() ? CHUNK_ON_GPU : CHUNK_ON_CPU;
    }

    @Override
    public long bytes() {
        return base.bytes();
    }

    @Override
    public String device() {
        return TensorDevice.current().words() + "; numbers: " + base.type().torchName() + "; kernels of our own: "
                + Cuda.status().words();
    }

    @Override
    public void close() {
        unmerge();
        tokenizer.close();
        scope.close();
        if (mapped != null) {
            mapped.close();
        }
    }

    /// How many tensors are in memory.
    int tensorCount() {
        return scope.tensorCount();
    }

    private CausalLm modelWith(Optional<LoadedAdapter> adapter) {
        Hot merged = hot;
        if (merged == null) {
            return adapter.map(loaded -> own(loaded).model()).orElse(base);
        }
        if (adapter.filter(merged.adapter()::equals).isPresent()) {
            return merged.merge().model();
        }
        throw new IllegalStateException("another adapter is merged into the weights; unmerge it first");
    }

    @SuppressWarnings("ReferenceEquality") // the very model, not an equal one, owns the adapter's memory
    private LoraAdapter own(LoadedAdapter adapter) {
        if (adapter instanceof LoraAdapter lora && lora.base() == base) {
            return lora;
        }
        throw new IllegalArgumentException("the adapter was loaded for another model");
    }

    /// The tokens that `generation_config.json` names, or `config.json` where that names none, as in transformers; and
    /// the tokenizer's end, which adapters learn to end with.
    private static Set<Integer> endTokens(ModelFiles source, Tokenizer tokenizer) {
        Set<Integer> ids = new HashSet<>();
        ids.add(tokenizer.eosId());
        JsonNode named = source.generationConfig().path("eos_token_id");
        JsonNode value =
                named.isInt() || named.isArray() ? named : source.config().path("eos_token_id");
        if (value.isInt()) {
            ids.add(value.asInt());
        }
        value.forEach(id -> ids.add(id.asInt()));
        return Set.copyOf(ids);
    }
}

package io.lorica.inference.engine;

import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;

import io.lorica.contracts.adapter.AdapterManifest;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.id.BaseModelId;
import io.lorica.contracts.id.ModelName;
import io.lorica.contracts.template.PromptTemplate;
import io.lorica.inference.adapter.AdapterRegistry;
import io.lorica.inference.adapter.AdapterState;
import io.lorica.inference.config.InferenceConfig;
import io.lorica.models.BaseModels;
import io.lorica.models.FetchProgress;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import org.jboss.logging.Logger;

/// Brings a question to the engine: finds the model, fetches what is not on this machine, and picks the wording.
@Singleton
public final class Answering {

    private static final Logger LOG = Logger.getLogger(Answering.class);

    private final InferenceConfig config;
    private final AdapterRegistry registry;
    private final BaseModels models;
    private final EngineThread engine;

    Answering(InferenceConfig config, AdapterRegistry registry, BaseModels models, EngineThread engine) {
        this.config = config;
        this.registry = registry;
        this.models = models;
        this.engine = engine;
    }

    void preload(@Observes StartupEvent event) {
        config.baseModel().ifPresent(model -> Thread.ofVirtual().name("preload").start(() -> load(model)));
    }

    private void load(String model) {
        try {
            ModelName name = ModelName.parse(model);
            if (name instanceof ModelName.Base base) {
                engine.load(base.model(), directory(base.model())).join();
                LOG.infof("base model is ready model=%s", model);
            } else {
                LOG.warnf(
                        "lorica.inference.base-model names a fine-tuned model, only base models are loaded at start"
                                + " model=%s",
                        model);
            }
        } catch (ProductException e) {
            notLoaded(model, e.detail());
        } catch (CompletionException e) {
            notLoaded(model, e.getCause() instanceof ProductException failure ? failure.detail() : e.toString());
        }
    }

    private static void notLoaded(String model, String reason) {
        LOG.warnf("base model not loaded at start, the first request will try again model=%s: %s", model, reason);
    }

    /// Asks a model; the answer comes through the stream. Blocks while the files of a model that is not in memory are
    /// fetched.
    ///
    /// @throws ProductException when the model does not exist or cannot be served
    public TokenStream ask(ModelName name, Conversation conversation, SamplingRequest sampling) {
        TokenStream answer = new TokenStream();
        engine.ask(
                switch (name) {
                    case ModelName.Base base -> baseQuestion(base.model(), conversation, sampling, answer);
                    case ModelName.FineTuned _, ModelName.Checkpoint _ ->
                        tunedQuestion(registry.resolve(name), conversation, sampling, answer);
                });
        return answer;
    }

    private Question baseQuestion(
            BaseModelId base, Conversation conversation, SamplingRequest sampling, TokenStream answer) {
        return new Question(base, directory(base), Optional.empty(), conversation::by, sampling, answer);
    }

    private Question tunedQuestion(
            AdapterState.Ready adapter, Conversation conversation, SamplingRequest sampling, TokenStream answer) {
        AdapterManifest manifest = adapter.manifest();
        PromptTemplate template = manifest.spec().template();
        if (!template.digest().equals(manifest.templateDigest())) {
            throw ProductException.forParameter(
                    ErrorCode.TEMPLATE_MISMATCH,
                    "model",
                    "The adapter " + manifest.name() + " was trained with another wording of the template "
                            + template.wireName()
                            + " than this version serves; it would answer badly. Serve it with Lorica "
                            + manifest.codeVersion() + " or train it again.");
        }
        Prompt prompt = conversation.by(template);
        BaseModelId base = manifest.spec().model();
        return new Question(base, directory(base), Optional.of(adapter), _ -> prompt, sampling, answer);
    }

    // What is in memory needs no files, and nobody is asked for them; what is here needs no network.
    private Supplier<Path> directory(BaseModelId base) {
        if (engine.loadedModels().contains(base)) {
            return () -> fetched(base);
        }
        Path fetched = fetched(base);
        return () -> fetched;
    }

    private Path fetched(BaseModelId base) {
        return models.here(base).orElseGet(() -> models.fetch(base, FetchProgress.silent()));
    }
}

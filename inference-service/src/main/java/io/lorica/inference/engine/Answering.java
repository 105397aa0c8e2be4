package io.lorica.inference.engine;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

import io.lorica.contracts.adapter.AdapterManifest;
import io.lorica.contracts.chat.Message;
import io.lorica.contracts.chat.Role;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.id.BaseModelId;
import io.lorica.contracts.id.ModelName;
import io.lorica.contracts.template.PromptTemplate;
import io.lorica.inference.adapter.AdapterRegistry;
import io.lorica.inference.adapter.AdapterState;
import io.lorica.inference.config.InferenceConfig;
import io.lorica.llm.generate.Sampling;
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

    // One token of an answer that nobody reads is enough to have the model in memory.
    private void load(String model) {
        try {
            List<Message> conversation = List.of(Message.of(Role.USER, "1"));
            TokenStream answer = ask(ModelName.parse(model), conversation, new Sampling(1, 0, 1, 0, 0, List.of()));
            awaitFirst(answer);
            LOG.infof("base model is ready model=%s", model);
        } catch (ProductException e) {
            LOG.warnf(
                    "base model not loaded at start, the first request will try again model=%s: %s", model, e.detail());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void awaitFirst(TokenStream answer) throws InterruptedException {
        while (true) {
            switch (answer.next(Duration.ofMinutes(1)).orElse(null)) {
                case TokenStream.Item.Begun _, TokenStream.Item.Token _ -> {
                    return;
                }
                case TokenStream.Item.Failed failed -> throw failed.failure();
                case null -> LOG.info("base model is still loading");
            }
        }
    }

    /// Asks a model; the answer comes through the stream. Blocks while files are fetched.
    ///
    /// @throws ProductException when the model does not exist or cannot be served
    public TokenStream ask(ModelName name, List<Message> conversation, Sampling sampling) {
        TokenStream answer = new TokenStream();
        engine.ask(
                switch (name) {
                    case ModelName.Base base -> baseQuestion(base.model(), conversation, sampling, answer);
                    case ModelName.FineTuned _, ModelName.Checkpoint _ ->
                        tunedQuestion(registry.resolve(name), conversation, sampling, answer);
                });
        return answer;
    }

    private Question baseQuestion(BaseModelId base, List<Message> conversation, Sampling sampling, TokenStream answer) {
        return new Question(
                base, directory(base), Optional.empty(), model -> model.renderPrompt(conversation), sampling, answer);
    }

    private Question tunedQuestion(
            AdapterState.Ready adapter, List<Message> conversation, Sampling sampling, TokenStream answer) {
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
        String prompt = template.prompt(conversation);
        BaseModelId base = manifest.spec().model();
        return new Question(base, directory(base), Optional.of(adapter), _ -> prompt, sampling, answer);
    }

    private Path directory(BaseModelId base) {
        return models.fetch(base, FetchProgress.silent());
    }
}

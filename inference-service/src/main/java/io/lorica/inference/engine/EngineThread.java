package io.lorica.inference.engine;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.id.BaseModelId;
import io.lorica.inference.config.InferenceConfig;
import io.lorica.llm.generate.GeneratedToken;
import io.lorica.llm.generate.Generation;
import io.lorica.llm.generate.LoadedAdapter;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import org.jboss.logging.Logger;

/// The one thread that owns models and tensors. Answers in progress take turns, a token each, so that all of them move;
/// new questions begin as others end. Everybody else only ever touches queues.
@Singleton
public final class EngineThread {

    private static final Logger LOG = Logger.getLogger(EngineThread.class);
    private static final long IDLE_MILLIS = 200;
    private static final String OPEN_THINKING = "<think>";

    private final InferenceConfig config;
    private final ModelMemory memory;
    private final LinkedBlockingDeque<Question> waiting;
    private final List<Answer> active = new ArrayList<>();
    private final AtomicInteger activeCount = new AtomicInteger();
    private final Counter tokens;
    private final Thread thread = Thread.ofPlatform().name("engine").unstarted(this::run);
    private volatile boolean stopping;
    private volatile boolean ended;
    private volatile Set<BaseModelId> loaded = Set.of();

    EngineThread(InferenceConfig config, ModelLoader loader, MeterRegistry metrics) {
        this.config = config;
        this.memory = new ModelMemory(loader, config);
        this.waiting = new LinkedBlockingDeque<>(config.waitingSequences());
        this.tokens = Counter.builder("lorica.tokens.generated")
                .description("Tokens generated")
                .register(metrics);
        Gauge.builder("lorica.sequences.active", activeCount, AtomicInteger::get)
                .description("Answers in progress")
                .register(metrics);
        Gauge.builder("lorica.sequences.waiting", waiting, LinkedBlockingDeque::size)
                .description("Questions that wait for their turn")
                .register(metrics);
    }

    /// An answer in progress.
    private record Answer(Question question, ModelMemory.Residence residence, Generation generation) {}

    void start(@Observes StartupEvent event) {
        thread.start();
    }

    void stop(@Observes ShutdownEvent event) {
        stopping = true;
        try {
            thread.join(TimeUnit.SECONDS.toMillis(20));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Takes a question; its answer comes through the question's stream.
    ///
    /// @throws ProductException with `RATE_LIMIT_EXCEEDED` when too many wait already
    void ask(Question question) {
        if (!waiting.offer(question)) {
            throw ProductException.of(
                    ErrorCode.RATE_LIMIT_EXCEEDED,
                    config.waitingSequences() + " requests are waiting already. Try again in a moment.");
        }
        // The thread may have ended between this question and its last look at the queue.
        if (ended) {
            refuseWaiting();
        }
    }

    /// Whether questions are answered; once false, it stays so.
    public boolean alive() {
        return !ended;
    }

    /// The base models in memory.
    public Set<BaseModelId> loadedModels() {
        return loaded;
    }

    private void run() {
        try {
            while (!stopping) {
                begin();
                step();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Throwable e) {
            LOG.fatal("the engine's thread broke down; the service must be started again", e);
        } finally {
            ended = true;
            active.forEach(answer -> fail(answer.question(), notServing()));
            refuseWaiting();
            active.forEach(answer -> answer.generation().close());
            memory.close();
        }
    }

    private void refuseWaiting() {
        for (Question question = waiting.poll(); question != null; question = waiting.poll()) {
            fail(question, notServing());
        }
    }

    private void begin() throws InterruptedException {
        if (active.isEmpty()) {
            Question first = waiting.poll(IDLE_MILLIS, TimeUnit.MILLISECONDS);
            if (first != null) {
                begin(first);
            }
        }
        while (active.size() < config.activeSequences()) {
            Question next = waiting.peek();
            // A question whose model has no room waits until the answers that use the other model have ended.
            if (next == null || !memory.hasRoomFor(next.base())) {
                return;
            }
            waiting.remove();
            begin(next);
        }
    }

    private void begin(Question question) {
        if (question.answer().abandoned()) {
            return;
        }
        try {
            ModelMemory.Residence residence = memory.model(question.base(), question.modelDirectory());
            Optional<LoadedAdapter> adapter = memory.adapter(residence, question.adapter());
            String prompt = question.prompt().apply(residence.model());
            Generation generation = residence.model().generate(prompt, question.sampling(), adapter);
            memory.hold(residence, question.adapter());
            active.add(new Answer(question, residence, generation));
            activeCount.set(active.size());
            question.answer()
                    .put(new TokenStream.Item.Begun(
                            generation.promptTokens(), prompt.stripTrailing().endsWith(OPEN_THINKING)));
        } catch (ProductException e) {
            fail(question, e);
        } catch (RuntimeException e) {
            fail(question, internal(e));
        } catch (Error e) {
            fail(question, notServing());
            throw e;
        } finally {
            loaded = memory.loaded();
        }
    }

    private void step() {
        Iterator<Answer> answers = active.iterator();
        while (answers.hasNext()) {
            Answer answer = answers.next();
            if (!advance(answer)) {
                answers.remove();
                activeCount.set(active.size());
                answer.generation().close();
                memory.release(answer.residence(), answer.question().adapter());
            }
        }
    }

    private boolean advance(Answer answer) {
        if (answer.question().answer().abandoned()) {
            return false;
        }
        try {
            GeneratedToken token = answer.generation().next();
            tokens.increment();
            answer.question().answer().put(new TokenStream.Item.Token(token));
            return token.stop().isEmpty();
        } catch (ProductException e) {
            fail(answer.question(), e);
        } catch (RuntimeException e) {
            fail(answer.question(), internal(e));
        }
        return false;
    }

    private static void fail(Question question, ProductException failure) {
        question.answer().put(new TokenStream.Item.Failed(failure));
    }

    private static ProductException internal(RuntimeException cause) {
        return ProductException.of(
                ErrorCode.INTERNAL_ERROR,
                "The model failed while it answered. The service's log has the details.",
                cause);
    }

    private static ProductException notServing() {
        return ProductException.of(
                ErrorCode.SERVICE_UNAVAILABLE,
                "The inference service is shutting down or must be started again. Try again in a moment.");
    }
}

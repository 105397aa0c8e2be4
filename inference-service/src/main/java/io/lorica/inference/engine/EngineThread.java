package io.lorica.inference.engine;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.id.BaseModelId;
import io.lorica.inference.adapter.AdapterState;
import io.lorica.inference.config.InferenceConfig;
import io.lorica.llm.generate.Generation;
import io.lorica.llm.generate.LanguageModel;
import io.lorica.llm.generate.LoadedAdapter;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import org.jboss.logging.Logger;

/// The one thread that computes answers. Answers in progress take turns, a token each, and between two rounds
/// one prompt is fed a chunk further, so that all of them move. What takes long, loading models and adapters,
/// rendering and tokenising, is done by [Workers]; they and the requests only ever put something into the
/// mailbox.
@Singleton
public final class EngineThread implements ModelLoads.Listener {

    private static final Logger LOG = Logger.getLogger(EngineThread.class);
    private static final long IDLE_MILLIS = 200;
    private static final Duration WORKERS_END = Duration.ofSeconds(5);

    private final InferenceConfig config;
    private final EngineMetrics metrics;
    private final Workers workers = new Workers();
    private final ModelMemory memory;
    private final ModelLoads loads;
    private final LinkedBlockingQueue<Runnable> mailbox = new LinkedBlockingQueue<>();
    private final List<WaitingQuestion> waiting = new ArrayList<>();
    private final List<ActiveAnswer> active = new ArrayList<>();
    private final Deque<ActiveAnswer> unfed = new ArrayDeque<>();
    private final Set<String> adapterLoads = new HashSet<>();
    private final Map<BaseModelId, List<CompletableFuture<Void>>> preloads = new HashMap<>();
    private final Thread thread = Thread.ofPlatform().name("engine").unstarted(this::run);
    private volatile boolean draining;
    private volatile long deadline;
    private volatile boolean ended;
    private volatile boolean starved;
    private volatile Set<BaseModelId> loaded = Set.of();

    EngineThread(InferenceConfig config, ModelLoader loader, MeterRegistry metrics) {
        this.config = config;
        this.metrics = new EngineMetrics(metrics);
        this.memory = new ModelMemory(config);
        this.loads = new ModelLoads(loader, workers, mailbox::add, this, config.modelPatience());
    }

    void start(@Observes StartupEvent event) {
        thread.start();
    }

    void drain(@Observes ShutdownDelayInitiatedEvent event) {
        LOG.infof("the service ends, answers in progress may go on for %s", config.stopGrace());
        drain(config.stopGrace());
    }

    void stop(@Observes ShutdownEvent event) {
        drain(Duration.ZERO);
        try {
            thread.join(TimeUnit.SECONDS.toMillis(20));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Lets answers go on for some time; those that are left then end with a failure, and so does what is asked later.
    void drain(Duration grace) {
        deadline = System.nanoTime() + grace.toNanos();
        draining = true;
    }

    /// Takes a question; its answer comes through the question's stream.
    ///
    /// @throws ProductException with `RATE_LIMIT_EXCEEDED` when too many wait already
    void ask(Question question) {
        if (metrics.waiting().incrementAndGet() > config.waitingSequences()) {
            metrics.waiting().decrementAndGet();
            throw ProductException.of(
                    ErrorCode.RATE_LIMIT_EXCEEDED,
                    config.waitingSequences() + " requests are waiting already. Try again in a moment.");
        }
        mailbox.add(() -> waiting.add(new WaitingQuestion(question)));
        readIfEnded();
    }

    /// Brings a model into memory where it is not there.
    ///
    /// @return completed when it is there, with a [ProductException] when it cannot be
    CompletableFuture<Void> load(BaseModelId base, Supplier<Path> directory) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        mailbox.add(() -> {
            if (memory.resident(base) != null) {
                done.complete(null);
            } else {
                preloads.computeIfAbsent(base, _ -> new ArrayList<>()).add(done);
                loads.want(base, directory);
            }
        });
        readIfEnded();
        return done;
    }

    // The thread may have ended between this and its last look into the mailbox.
    private void readIfEnded() {
        if (ended) {
            refuseAll();
        }
    }

    /// Whether questions are answered; once false, it stays so.
    public boolean alive() {
        return !ended;
    }

    /// Tells whether the service ends: what is in progress goes on for a while.
    public boolean draining() {
        return draining;
    }

    /// Tells whether a model waits for memory so long that further questions for the others wait for it.
    boolean starved() {
        return starved;
    }

    /// The base models in memory.
    public Set<BaseModelId> loadedModels() {
        return loaded;
    }

    private void run() {
        try {
            while (!draining || System.nanoTime() - deadline < 0) {
                receive();
                dispatch();
                feed();
                step();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Throwable e) {
            LOG.fatal("the engine's thread broke down; the service must be started again", e);
        } finally {
            ended = true;
            active.forEach(answer -> fail(answer.question(), notServing()));
            refuseAll();
            active.forEach(answer -> answer.generation().close());
            free();
        }
    }

    private synchronized void refuseAll() {
        for (Runnable news = mailbox.poll(); news != null; news = mailbox.poll()) {
            news.run();
        }
        while (!waiting.isEmpty()) {
            leaveWaiting(waiting.removeLast());
        }
        preloads.values().forEach(all -> all.forEach(done -> done.completeExceptionally(notServing())));
        preloads.clear();
    }

    private void leaveWaiting(WaitingQuestion question) {
        metrics.waiting().decrementAndGet();
        fail(question.question(), notServing());
    }

    // A model that another thread still works on is left to the end of the process.
    private void free() {
        try {
            if (workers.end(WORKERS_END)) {
                memory.close();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void receive() throws InterruptedException {
        Runnable news = active.isEmpty() ? mailbox.poll(IDLE_MILLIS, TimeUnit.MILLISECONDS) : mailbox.poll();
        for (; news != null; news = mailbox.poll()) {
            news.run();
        }
    }

    /// Begins what can begin. A question whose model has no room waits, and those behind it do not wait for it.
    private void dispatch() {
        boolean held = loads.starved();
        starved = held;
        Iterator<WaitingQuestion> questions = waiting.iterator();
        while (questions.hasNext()) {
            WaitingQuestion next = questions.next();
            if (next.question().answer().abandoned()) {
                questions.remove();
                metrics.waiting().decrementAndGet();
                metrics.ended(EngineMetrics.Outcome.ABANDONED);
            } else if (begin(next, held)) {
                questions.remove();
            }
        }
        Set<BaseModelId> wanted =
                waiting.stream().map(question -> question.question().base()).collect(Collectors.toSet());
        loads.proceed(memory, wanted);
        memory.trim(wanted);
        showLoaded();
    }

    private void showLoaded() {
        if (!loaded.equals(memory.loaded())) {
            loaded = memory.loaded();
            metrics.models().set(loaded.size());
        }
    }

    /// Begins an answer if its model, its adapter and its tokens are there, and sees to it that they come if not.
    ///
    /// @return whether it no longer waits
    private boolean begin(WaitingQuestion next, boolean held) {
        Question question = next.question();
        ModelMemory.Residence residence = memory.resident(question.base());
        if (residence == null) {
            loads.want(question.base(), question.modelDirectory());
            return false;
        }
        if (held) {
            return false;
        }
        if (next.startPreparing()) {
            prepare(next, residence);
        }
        WaitingQuestion.Prepared prepared = next.prepared();
        if (!residence.has(question.adapter())) {
            question.adapter().ifPresent(adapter -> loadAdapter(question, adapter, residence));
            return false;
        }
        if (prepared == null || active.size() >= config.activeSequences()) {
            return false;
        }
        metrics.waiting().decrementAndGet();
        begin(next, residence, prepared);
        return true;
    }

    private void begin(WaitingQuestion next, ModelMemory.Residence residence, WaitingQuestion.Prepared prepared) {
        Question question = next.question();
        try {
            Optional<LoadedAdapter> adapter = memory.adapter(residence, question.adapter());
            Generation generation = residence.model().generate(prepared.tokens(), prepared.sampling(), adapter);
            memory.hold(residence, question.adapter());
            ActiveAnswer answer = new ActiveAnswer(
                    question, next.arrived(), residence, generation, prepared.text(), new AtomicInteger());
            active.add(answer);
            unfed.add(answer);
            metrics.active().set(active.size());
            question.answer().put(new TokenStream.Item.Begun(generation.promptTokens()));
        } catch (ProductException e) {
            fail(question, e);
        } catch (RuntimeException e) {
            fail(question, internal(e));
        }
    }

    private void prepare(WaitingQuestion next, ModelMemory.Residence residence) {
        residence.beginTask();
        workers.prepare(() -> {
            try {
                var prepared = WaitingQuestion.Prepared.of(next.question(), residence.model());
                mailbox.add(() -> {
                    residence.endTask();
                    next.prepared(prepared);
                });
            } catch (Throwable e) {
                mailbox.add(() -> {
                    residence.endTask();
                    failWaiting(question -> question == next, e);
                });
            }
        });
    }

    private void loadAdapter(Question question, AdapterState.Ready adapter, ModelMemory.Residence residence) {
        String load = question.base() + " " + adapter.digest();
        if (!adapterLoads.add(load)) {
            return;
        }
        residence.beginTask();
        workers.load(() -> {
            try {
                LoadedAdapter fresh = residence.model().loadAdapter(adapter.directory());
                mailbox.add(() -> {
                    adapterLoaded(load, residence);
                    memory.add(residence, adapter, fresh);
                });
            } catch (Throwable e) {
                mailbox.add(() -> {
                    adapterLoaded(load, residence);
                    failWaiting(
                            other -> other.question().base().equals(question.base())
                                    && other.question()
                                            .adapter()
                                            .filter(adapter::equals)
                                            .isPresent(),
                            e);
                });
            }
        });
    }

    private void adapterLoaded(String load, ModelMemory.Residence residence) {
        adapterLoads.remove(load);
        residence.endTask();
    }

    @Override
    public void loaded(BaseModelId base, LanguageModel model) {
        memory.add(base, model);
        preloads.getOrDefault(base, List.of()).forEach(done -> done.complete(null));
        preloads.remove(base);
    }

    @Override
    public void failed(BaseModelId base, Throwable failure) {
        preloads.getOrDefault(base, List.of()).forEach(done -> done.completeExceptionally(failure));
        preloads.remove(base);
        failWaiting(question -> question.question().base().equals(base), failure);
    }

    /// Feeds a chunk of one prompt. Prompts take turns, so that a short one does not wait for a long one.
    private void feed() {
        ActiveAnswer answer = unfed.poll();
        if (answer == null || answer.abandoned()) {
            return;
        }
        try {
            Generation generation = answer.generation();
            if (generation.feed(answer.residence().model().promptChunk())) {
                metrics.fed().increment(generation.promptTokens());
            } else {
                unfed.add(answer);
            }
        } catch (ProductException e) {
            end(answer, e);
        } catch (RuntimeException e) {
            end(answer, internal(e));
        }
    }

    private void step() {
        for (ActiveAnswer answer : List.copyOf(active)) {
            if (answer.abandoned()) {
                leave(answer, EngineMetrics.Outcome.ABANDONED);
            } else if (!unfed.contains(answer)) {
                advance(answer);
            }
        }
    }

    private void advance(ActiveAnswer answer) {
        try {
            TokenStream.Item.Token token = answer.next();
            metrics.generated().increment();
            if (answer.generated().getAndIncrement() == 0) {
                metrics.firstToken().record(System.nanoTime() - answer.arrived(), TimeUnit.NANOSECONDS);
            }
            answer.question().answer().put(token);
            token.stop()
                    .ifPresent(reason -> leave(
                            answer,
                            switch (reason) {
                                case STOP -> EngineMetrics.Outcome.STOP;
                                case LENGTH -> EngineMetrics.Outcome.LENGTH;
                            }));
        } catch (ProductException e) {
            end(answer, e);
        } catch (RuntimeException e) {
            end(answer, internal(e));
        }
    }

    private void end(ActiveAnswer answer, ProductException failure) {
        answer.question().answer().put(new TokenStream.Item.Failed(failure));
        leave(answer, EngineMetrics.Outcome.FAILED);
    }

    private void leave(ActiveAnswer answer, EngineMetrics.Outcome outcome) {
        active.remove(answer);
        unfed.remove(answer);
        metrics.active().set(active.size());
        metrics.ended(outcome);
        answer.generation().close();
        memory.release(answer.residence(), answer.question().adapter());
    }

    private void failWaiting(Predicate<WaitingQuestion> which, Throwable cause) {
        ProductException failure = switch (cause) {
            case ProductException e -> e;
            case RuntimeException e -> internal(e);
            default -> notServing();
        };
        waiting.removeIf(question -> {
            if (which.test(question)) {
                metrics.waiting().decrementAndGet();
                fail(question.question(), failure);
                return true;
            }
            return false;
        });
        // Memory that is used up, a library that is missing: the service is of no use any more.
        if (cause instanceof Error broken) {
            throw broken;
        }
    }

    private void fail(Question question, ProductException failure) {
        question.answer().put(new TokenStream.Item.Failed(failure));
        metrics.ended(EngineMetrics.Outcome.FAILED);
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

package io.lorica.llm.train;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BooleanSupplier;

import ai.djl.engine.EngineException;
import io.lorica.contracts.adapter.MergeProof;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.job.ComputeType;
import io.lorica.contracts.job.EvaluationStanding;
import io.lorica.contracts.job.GgufFormat;
import io.lorica.contracts.job.JobSpec;
import io.lorica.contracts.job.MemoryUse;
import io.lorica.contracts.job.OptimizerKind;
import io.lorica.contracts.job.StepMetrics;
import io.lorica.gguf.TensorEncoding;
import io.lorica.llm.export.GgufExport;
import io.lorica.llm.lora.AdapterFiles;
import io.lorica.llm.lora.AdapterParameters;
import io.lorica.llm.model.CausalLm;
import io.lorica.llm.tensor.Autograd;
import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.weights.ModelFiles;
import io.lorica.llm.weights.SafetensorsFile;
import io.lorica.llm.weights.SafetensorsWriter;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// A LoRA run: the loop of one step, and what is saved of it.
final class LoraTrainingRun implements TrainingRun {

    private static final Logger LOG = Logger.getLogger(LoraTrainingRun.class);
    private static final long SHARD_BYTES = 5_000_000_000L;

    private final TensorScope scope;
    private final ModelFiles source;
    private final JobSpec spec;
    private final TrainingRows rows;
    private final MemoryCheck memory;
    private final CausalLm base;
    private final AdapterParameters adapter;
    private final String engine;
    private final GradientMethod gradients;
    private final AdamW optimizer;
    private final LossScale lossScale;
    private final Windows windows;
    private final LearningRate rate;
    private final int totalSteps;
    private final OptimizerSteps steps;
    private BooleanSupplier goesOn = () -> true;
    private int completedSteps;
    private boolean over;
    private long trainedTokens;
    private @Nullable Long begunAt;
    private @Nullable StepMetrics latest;
    private @Nullable EvaluationStanding standing;

    /// Takes over the scope, which holds the base model and the adapter.
    LoraTrainingRun(
            TensorScope scope,
            ModelFiles source,
            JobSpec spec,
            TrainingRows rows,
            CausalLm base,
            AdapterParameters adapter,
            MemoryCheck memory) {
        this.scope = scope;
        this.memory = memory;
        this.source = source;
        this.spec = spec;
        this.rows = rows;
        this.base = base;
        this.adapter = adapter;
        this.lossScale = new LossScale(base.type());
        adapter.named().values().forEach(Autograd::parameter);
        GradientChoice choice = GradientChoice.of(base, adapter, spec);
        this.engine = choice.words(base, spec);
        LOG.infof("training on %s", engine);
        this.gradients = GradientMethod.of(scope, base, adapter, spec, choice);
        Double ratioOfB = spec.lora().extras().rateRatioOfB();
        this.optimizer = new AdamW(
                scope,
                adapter.named(),
                spec.plan().extras().optimizer(),
                spec.plan().weightDecay(),
                name -> ratioOfB != null && AdapterParameters.isB(name) ? ratioOfB : 1);
        this.windows = rows.windows(spec.plan(), spec.seed());
        this.totalSteps = windows.order().totalSteps(spec.plan());
        this.rate = LearningRate.of(spec.plan(), totalSteps);
        this.steps = new OptimizerSteps(
                scope,
                gradients,
                optimizer,
                lossScale,
                new BatchesAhead(scope, windows::ofStep, spec.plan().batchSize(), totalSteps),
                spec.plan().maxGradientNorm(),
                spec.seed());
    }

    /// Goes on from a checkpoint, whose adapter is loaded already.
    void restore(Path checkpointDirectory) {
        Checkpoint checkpoint = Checkpoint.read(checkpointDirectory);
        if (checkpoint.optimizer() != optimizerKind()) {
            throw Checkpoint.unusable(
                    "its optimizer is " + checkpoint.optimizer().wireName() + ", and the job wants "
                            + optimizerKind().wireName());
        }
        requireOwn(checkpoint);
        try (SafetensorsFile file = SafetensorsFile.open(checkpointDirectory.resolve(Checkpoint.OPTIMIZER));
                Autograd off = Autograd.off()) {
            optimizer.restore(file);
            gradients.refresh();
        }
        completedSteps = checkpoint.step();
        steps.resumeAfter(completedSteps);
        trainedTokens = checkpoint.trainedTokens();
        standing = checkpoint.standing();
        lossScale.restore(Optional.ofNullable(checkpoint.lossScale()));
    }

    private void requireOwn(Checkpoint checkpoint) {
        if (!checkpoint.digest().equals(Checkpoint.digest(spec, rows.training()))) {
            throw Checkpoint.unusable("it was made with another model, other settings or other rows");
        }
    }

    @Override
    public void goBackTo(Path checkpointDirectory) {
        finishSteps();
        Checkpoint checkpoint = Checkpoint.read(checkpointDirectory);
        requireOwn(checkpoint);
        try (TensorScope work = scope.child("go-back");
                Autograd off = Autograd.off()) {
            AdapterFiles.goBack(work, checkpointDirectory, base, spec.lora(), adapter);
            gradients.refresh();
        }
        completedSteps = checkpoint.step();
        over = true;
    }

    @Override
    public int totalSteps() {
        return totalSteps;
    }

    @Override
    public int completedSteps() {
        return completedSteps;
    }

    @Override
    public List<String> warnings() {
        return rows.warnings();
    }

    @Override
    public String engine() {
        return engine;
    }

    @Override
    public MemoryUse forecast() {
        return memory.forecast();
    }

    @Override
    public Optional<MemoryUse> memoryTaken() {
        return memory.taken();
    }

    @Override
    public void goOnWhile(BooleanSupplier wanted) {
        goesOn = wanted;
        steps.goOnWhile(wanted);
    }

    @Override
    public void stepAhead() {
        if (over || completedSteps >= totalSteps) {
            throw new IllegalStateException("all " + totalSteps + " steps are done, or the run went back");
        }
        if (begunAt == null) {
            begunAt = System.nanoTime();
        }
        int step = completedSteps + 1;
        completedSteps = step;
        guarded(() -> steps.begin(step, rate.at(step)));
    }

    @Override
    public StepMetrics measured() {
        finishSteps();
        return Objects.requireNonNull(latest, "no step was taken");
    }

    private void finishSteps() {
        Long began = begunAt;
        if (began != null) {
            begunAt = null;
            guarded(() -> latest = metrics(steps.finish(), began));
        }
    }

    /// Steps that fail are not done, nor are those behind them.
    private void guarded(Runnable work) {
        try {
            work.run();
        } catch (StepAbandoned abandoned) {
            completedSteps = steps.lastFinished();
            tellOfStepsBefore();
            throw abandoned;
        } catch (RuntimeException failed) {
            begunAt = null;
            completedSteps = steps.lastFinished();
            throw failed instanceof EngineException e ? outOfMemory(e).orElse(e) : failed;
        }
    }

    // Steps that were done before one was given up count as any others.
    private void tellOfStepsBefore() {
        Long began = begunAt;
        begunAt = null;
        if (began != null && steps.untold()) {
            latest = metrics(steps.finish(), began);
        }
    }

    @Override
    public Optional<Evaluation> evaluate() {
        finishSteps();
        if (rows.validation().isEmpty()) {
            return Optional.empty();
        }
        TokenLoss sums = new TokenLoss();
        for (List<Window> part :
                Windows.parts(rows.measured(spec.plan()), spec.plan().batchSize())) {
            if (!goesOn.getAsBoolean()) {
                throw new StepAbandoned();
            }
            try (TensorScope work = scope.child("evaluation")) {
                gradients.measure(Batch.of(work, part), sums);
            }
        }
        standing = standing == null
                ? EvaluationStanding.first(completedSteps, sums.mean())
                : standing.after(
                        completedSteps, sums.mean(), spec.plan().extras().evaluation());
        return Optional.of(new Evaluation(sums.mean(), sums.accuracy(), sums.tokens()));
    }

    @Override
    public Optional<EvaluationStanding> standing() {
        return Optional.ofNullable(standing);
    }

    @Override
    public void saveCheckpoint(Path target) {
        saveAdapter(target);
        try (TensorScope work = scope.child("checkpoint")) {
            SafetensorsWriter.write(target.resolve(Checkpoint.OPTIMIZER), optimizer.state(work), Map.of());
        }
        new Checkpoint(
                        completedSteps,
                        windows.order().epoch(completedSteps + 1),
                        trainedTokens,
                        spec.seed(),
                        optimizerKind(),
                        Checkpoint.digest(spec, rows.training()),
                        lossScale.state().orElse(null),
                        standing)
                .write(target);
    }

    @Override
    public void saveAdapter(Path target) {
        finishSteps();
        AdapterFiles.write(target, adapter, spec.lora(), spec.model().toString());
        source.copyTokenizer(target);
    }

    @Override
    public MergeProof saveMerged(Path target) {
        List<TokenizedExample> probes = rows.validation().isEmpty() ? rows.training() : rows.validation();
        try (Autograd off = Autograd.off()) {
            return merged().write(
                            target,
                            source,
                            SHARD_BYTES,
                            probes.stream().map(TokenizedExample::tokens).toList());
        }
    }

    private MergedExport merged() {
        boolean half = spec.plan().extras().precision().compute() == ComputeType.FLOAT16;
        return new MergedExport(base, adapter, half ? ElementType.F16 : ElementType.BF16);
    }

    @Override
    public void exportMerged(Path merged, Path file, String name, GgufFormat format) {
        try (Autograd off = Autograd.off()) {
            merged().writeGguf(file, source, merged, name, encoding(format));
        }
    }

    @Override
    public void exportAdapter(Path directory, Path file, String name, GgufFormat format) {
        GgufExport.adapter(directory, source, file, name, encoding(format));
    }

    private static TensorEncoding encoding(GgufFormat format) {
        return switch (format) {
            case F16 -> TensorEncoding.F16;
            case BF16 -> TensorEncoding.BF16;
            case Q8_0 -> TensorEncoding.Q8_0;
        };
    }

    @Override
    public void close() {
        gradients.close();
        optimizer.close();
        scope.close();
    }

    /// How many tensors the run holds between steps.
    int tensorCount() {
        return scope.tensorCount();
    }

    private OptimizerKind optimizerKind() {
        return spec.plan().extras().optimizer().kind();
    }

    private StepMetrics metrics(OptimizerSteps.Taken taken, long began) {
        TokenLoss losses = taken.losses();
        trainedTokens += taken.learned();
        double seconds = (System.nanoTime() - began) / 1e9;
        return new StepMetrics(
                taken.step(),
                totalSteps,
                losses.mean(),
                losses.accuracy(),
                losses.thinkingMean(),
                losses.answerMean(),
                taken.gradientNorm(),
                rate.at(taken.step()),
                taken.tokens() / seconds,
                trainedTokens,
                null,
                null,
                null,
                null);
    }

    private static Optional<RuntimeException> outOfMemory(EngineException e) {
        String reason = String.valueOf(e.getMessage());
        if (!reason.contains("alloc") && !reason.contains("out of memory")) {
            return Optional.empty();
        }
        return Optional.of(ProductException.of(
                ErrorCode.OUT_OF_MEMORY,
                "The step does not fit into memory. Use a smaller batch_size with more gradient accumulation, or a "
                        + "shorter max_seq_length.",
                e));
    }
}

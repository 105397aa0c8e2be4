package io.lorica.llm.train;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;

import io.lorica.contracts.dataset.TrainingExample;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.job.AdapterStart;
import io.lorica.contracts.job.JobSpec;
import io.lorica.contracts.job.PrecisionSpec;
import io.lorica.llm.lora.AdapterFiles;
import io.lorica.llm.lora.AdapterParameters;
import io.lorica.llm.lora.FreshAdapter;
import io.lorica.llm.lora.LoftQ;
import io.lorica.llm.lora.LoraPair;
import io.lorica.llm.memory.FreeMemory;
import io.lorica.llm.model.AdapterRoom;
import io.lorica.llm.model.CausalLm;
import io.lorica.llm.model.LoadPlan;
import io.lorica.llm.model.ModelConfig;
import io.lorica.llm.model.ModelConfigReader;
import io.lorica.llm.model.ModelLoader;
import io.lorica.llm.model.TokenFormat;
import io.lorica.llm.quantize.WeightFormat;
import io.lorica.llm.tensor.TensorDevice;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.tokenizer.Tokenizer;
import io.lorica.llm.weights.ModelFiles;

/// Trains LoRA adapters: manual backward where it is supported, else autograd; in float32, bfloat16 or float16.
public final class LoraTrainingEngine implements TrainingEngine {

    private final Supplier<FreeMemory> memory;

    /// An engine on the device of this process.
    public LoraTrainingEngine() {
        this(FreeMemory::ofDevice);
    }

    /// @param memory tells what the device can give when a run is about to be opened
    LoraTrainingEngine(Supplier<FreeMemory> memory) {
        this.memory = memory;
    }

    @Override
    @SuppressWarnings("MustBeClosedChecker") // the run owns the scope and closes it
    public TrainingRun open(
            Path modelDirectory,
            JobSpec spec,
            List<TrainingExample> training,
            List<TrainingExample> validation,
            RunStart start,
            PreparationProgress progress) {
        TensorScope scope = TensorScope.open("training-run");
        try {
            RowSource source = new RowSource(training, validation, progress);
            return open(scope, ModelFiles.at(modelDirectory), spec, source, start);
        } catch (RuntimeException e) {
            scope.close();
            throw e;
        }
    }

    @Override
    public String device() {
        return TensorDevice.current().words();
    }

    private LoraTrainingRun open(TensorScope scope, ModelFiles model, JobSpec spec, RowSource source, RunStart start) {
        ModelConfig config = ModelConfigReader.read(model.config());
        int maxLength = Math.min(spec.plan().maxSequenceLength(), config.contextLength());
        LoadPlan plan = loadPlan(model, spec);
        MemoryCheck check = MemoryCheck.before(config, spec, plan, memory.get());
        RowFitting fitting = RowFitting.of(spec.plan().extras().rows(), maxLength);
        try (Tokenizer tokenizer = Tokenizer.open(model, config.vocabularySize());
                RowPreparation preparation =
                        source.prepare(new ExampleTokenizer(tokenizer, spec.terminator()), fitting)) {
            CausalLm base = ModelLoader.load(scope, model, plan);
            List<LoraPair> given = quantizedStart(scope, base, model, spec);
            AdapterParameters adapter = switch (start) {
                case RunStart.NewAdapter _ -> newAdapter(scope, base, spec, given);
                case RunStart.TrainedAdapter(Path directory) -> trained(scope, directory, base, spec);
                case RunStart.SavedRun(Path directory) -> AdapterFiles.resume(scope, directory, base, spec.lora());
            };
            TrainingRows rows = preparation.rows();
            rows.requireValidation(spec);
            check.ofRows(rows);
            LoraTrainingRun run = new LoraTrainingRun(scope, model, spec, rows, base, adapter, check);
            if (start instanceof RunStart.SavedRun(Path directory)) {
                run.restore(directory);
            }
            return run;
        }
    }

    /// Where the rows come from, and who hears of them.
    private record RowSource(
            List<TrainingExample> training, List<TrainingExample> validation, PreparationProgress progress) {

        RowPreparation prepare(ExampleTokenizer tokenizer, RowFitting fitting) {
            return new RowPreparation(tokenizer, fitting, training, validation, progress);
        }
    }

    private static LoadPlan loadPlan(ModelFiles source, JobSpec spec) {
        return LoadPlan.of(ComputeTypes.of(spec.plan().extras().precision().compute()))
                .with(room(source, spec))
                .with(format(spec.plan().extras().precision()))
                .with(tokens(spec));
    }

    /// How a job keeps embedding and head.
    private static TokenFormat tokens(JobSpec spec) {
        return spec.plan().extras().precision().quantizeEmbeddings() ? TokenFormat.EIGHT_BITS : TokenFormat.FULL;
    }

    private static WeightFormat format(PrecisionSpec precision) {
        return WeightFormat.of(precision.base(), precision.doubleQuantization());
    }

    private static AdapterRoom room(ModelFiles source, JobSpec spec) {
        try {
            return AdapterParameters.room(ModelConfigReader.read(source.config()), spec.lora());
        } catch (IllegalArgumentException e) {
            throw unfit(e);
        }
    }

    /// What a start that goes with quantisation gives, and makes of the base; a run that goes on needs
    /// the latter.
    private static List<LoraPair> quantizedStart(TensorScope scope, CausalLm base, ModelFiles source, JobSpec spec) {
        if (spec.lora().extras().start().method() != AdapterStart.Method.LOFTQ) {
            return List.of();
        }
        try {
            WeightFormat format = format(spec.plan().extras().precision());
            return LoftQ.start(scope, base, source, format, spec.lora());
        } catch (IllegalArgumentException e) {
            throw unfit(e);
        }
    }

    private static AdapterParameters newAdapter(TensorScope scope, CausalLm base, JobSpec spec, List<LoraPair> start) {
        try {
            return FreshAdapter.create(scope, base, spec.lora(), spec.seed(), start);
        } catch (IllegalArgumentException e) {
            throw unfit(e);
        }
    }

    private static AdapterParameters trained(TensorScope scope, Path directory, CausalLm base, JobSpec spec) {
        try {
            return AdapterFiles.trainable(scope, directory, base, spec.lora());
        } catch (IllegalArgumentException e) {
            throw unfit(e);
        }
    }

    private static ProductException unfit(IllegalArgumentException e) {
        return ProductException.of(
                ErrorCode.INVALID_REQUEST, "The adapter does not fit the model: " + e.getMessage() + ".");
    }
}

package io.lorica.llm.train;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

import io.lorica.contracts.dataset.TrainingExample;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.job.JobSpec;
import io.lorica.llm.lora.AdapterFiles;
import io.lorica.llm.lora.AdapterParameters;
import io.lorica.llm.lora.FreshAdapter;
import io.lorica.llm.model.AdapterRoom;
import io.lorica.llm.model.CausalLm;
import io.lorica.llm.model.ModelConfigReader;
import io.lorica.llm.model.ModelLoader;
import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.TensorDevice;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.tokenizer.Tokenizer;
import io.lorica.llm.weights.ModelFiles;

/// Trains LoRA adapters with libtorch's automatic differentiation, in float32.
public final class LoraTrainingEngine implements TrainingEngine {

    @Override
    @SuppressWarnings("MustBeClosedChecker") // the run owns the scope and closes it
    public TrainingRun open(
            Path modelDirectory,
            JobSpec spec,
            List<TrainingExample> training,
            List<TrainingExample> validation,
            Optional<Path> checkpoint) {
        EngineLimits.check(spec);
        TensorScope scope = TensorScope.open("training-run");
        try {
            return open(scope, ModelFiles.at(modelDirectory), spec, training, validation, checkpoint);
        } catch (RuntimeException e) {
            scope.close();
            throw e;
        }
    }

    @Override
    public String device() {
        return TensorDevice.current().words();
    }

    private static LoraTrainingRun open(
            TensorScope scope,
            ModelFiles source,
            JobSpec spec,
            List<TrainingExample> training,
            List<TrainingExample> validation,
            Optional<Path> checkpoint) {
        CausalLm base = ModelLoader.load(scope, source, ElementType.F32, room(source, spec));
        int maxLength = Math.min(spec.plan().maxSequenceLength(), base.config().contextLength());
        TrainingRows rows;
        try (Tokenizer tokenizer = Tokenizer.open(source)) {
            ExampleTokenizer examples = new ExampleTokenizer(tokenizer, spec.terminator(), maxLength);
            rows = TrainingRows.tokenize(examples, training, validation, maxLength);
        }
        AdapterParameters adapter = checkpoint
                .map(path -> AdapterFiles.resume(scope, path, base, spec.lora()))
                .orElseGet(() -> newAdapter(scope, base, spec));
        LoraTrainingRun run = new LoraTrainingRun(scope, source, spec, rows, base, adapter);
        checkpoint.ifPresent(run::restore);
        return run;
    }

    private static AdapterRoom room(ModelFiles source, JobSpec spec) {
        try {
            return AdapterParameters.room(ModelConfigReader.read(source.config()), spec.lora());
        } catch (IllegalArgumentException e) {
            throw unfit(e);
        }
    }

    private static AdapterParameters newAdapter(TensorScope scope, CausalLm base, JobSpec spec) {
        try {
            return FreshAdapter.create(scope, base, spec.lora(), spec.seed());
        } catch (IllegalArgumentException e) {
            throw unfit(e);
        }
    }

    private static ProductException unfit(IllegalArgumentException e) {
        return ProductException.of(
                ErrorCode.INVALID_REQUEST, "The adapter does not fit the model: " + e.getMessage() + ".");
    }
}

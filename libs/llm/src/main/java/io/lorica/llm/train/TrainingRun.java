package io.lorica.llm.train;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

import io.lorica.contracts.adapter.MergeProof;
import io.lorica.contracts.job.EvaluationStanding;
import io.lorica.contracts.job.GgufFormat;
import io.lorica.contracts.job.MemoryUse;
import io.lorica.contracts.job.StepMetrics;

/// A run in progress: stepped, saved and closed by the thread that opened it. Equal specs, rows and steps give equal
/// adapters on one device, whether or not the run was stopped and resumed in between.
public interface TrainingRun extends AutoCloseable {

    /// How many optimizer steps the run has.
    int totalSteps();

    /// How many are done, those before a resumed checkpoint included.
    int completedSteps();

    /// What the user should know before the first step, such as how many rows were cut off.
    List<String> warnings();

    /// What it computes on and in, with which kernels, attention and gradients, in words.
    String engine();

    /// What the run is forecast to take of memory at its peak.
    MemoryUse forecast();

    /// The same with what it has taken at its peak so far; empty where that cannot be told.
    Optional<MemoryUse> memoryTaken();

    /// Has steps and measurements ask, between their batches, whether to go on. One that may not ends with
    /// [StepAbandoned] and has had no effect: a run that goes on from a checkpoint saved then is equal to one
    /// that was never stopped.
    void goOnWhile(BooleanSupplier wanted);

    /// Does one optimizer step, and waits for it.
    ///
    /// @throws io.lorica.contracts.error.ProductException as [#measured] does
    default StepMetrics step() {
        stepAhead();
        return measured();
    }

    /// Does one optimizer step, of which a GPU may have most still to do: it is waited for when the step after it is
    /// on its way, or something is asked that depends on it.
    ///
    /// @throws io.lorica.contracts.error.ProductException as [#measured] does, for the step before
    void stepAhead();

    /// What the last step measured; its throughput is that of all steps since this was asked before.
    ///
    /// @throws io.lorica.contracts.error.ProductException with `NON_FINITE_LOSS` when the loss is not a number; the
    /// weights are then as they were before the step, steps begun after it are undone, and the message names the
    /// rows of the batch
    StepMetrics measured();

    /// Measures the validation rows; empty where there are none.
    Optional<Evaluation> evaluate();

    /// How the measurements have gone so far, those before a resumed checkpoint included; empty where there was none.
    Optional<EvaluationStanding> standing();

    /// Whether no step is left to do: all are done, or the validation loss has not fallen for as long as the plan's
    /// patience.
    default boolean finished() {
        return completedSteps() >= totalSteps()
                || standing().map(EvaluationStanding::endsEarly).orElse(false);
    }

    /// Takes the adapter back to where it was at a checkpoint, to be saved as it was there. The run is over then.
    ///
    /// @param checkpoint a directory written by [#saveCheckpoint], of this run or of one that it went on from
    void goBackTo(Path checkpoint);

    /// Writes the adapter in PEFT layout, its tokenizer, and what is needed to go on: optimizer, schedule, random
    /// state,
    /// position in the data.
    void saveCheckpoint(Path directory);

    /// Writes the adapter in PEFT layout with its tokenizer.
    void saveAdapter(Path directory);

    /// Writes base and adapter merged, in 16 bit, in Hugging Face layout with tokenizer and configuration, and the
    /// proof
    /// that the files answer as base and adapter do, which it returns.
    ///
    /// @throws io.lorica.contracts.error.ProductException with `MERGE_PROOF_FAILED` when they do not
    MergeProof saveMerged(Path directory);

    /// Writes a merged model as a GGUF file.
    ///
    /// @param merged the directory that [#saveMerged] has written
    /// @param name what the model is called in the file
    /// @throws io.lorica.contracts.error.ProductException with `UNSUPPORTED_MODEL` when llama.cpp has no such
    ///     model
    void exportMerged(Path merged, Path file, String name, GgufFormat format);

    /// Writes an adapter as a GGUF file, to be laid over its base model.
    ///
    /// @param adapter the directory that [#saveAdapter] has written
    /// @param name what the adapter is called in the file
    /// @throws io.lorica.contracts.error.ProductException with `UNSUPPORTED_MODEL` when llama.cpp has no such
    ///     adapter
    void exportAdapter(Path adapter, Path file, String name, GgufFormat format);

    /// Frees the model and its memory.
    @Override
    void close();
}

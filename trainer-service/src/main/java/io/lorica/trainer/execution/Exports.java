package io.lorica.trainer.execution;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

import io.lorica.contracts.adapter.ArtifactFile;
import io.lorica.contracts.adapter.MergeProof;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.event.DomainEvent;
import io.lorica.contracts.job.GgufFormat;
import io.lorica.llm.train.TrainingRun;
import io.lorica.storage.ArtifactLayout;
import io.lorica.storage.ObjectKey;
import io.lorica.trainer.job.Job;
import org.jboss.logging.Logger;

/// What a job asked for beside its adapter: merged weights, and GGUF files of them and of the adapter. What
/// cannot be made is told in an event; the adapter is published all the same.
///
/// @param services what the attempt calls upon
/// @param job the job
/// @param attempt which attempt of it
/// @param outbox where events go
/// @param signals what ends a wait for the store
record Exports(TrainingServices services, Job job, int attempt, EventOutbox outbox, RunSignals signals) {

    private static final Logger LOG = Logger.getLogger(Exports.class);

    /// What was written and is in the store.
    record Written(List<ArtifactFile> merged, List<ArtifactFile> gguf) {

        /// Nothing, which is all that most jobs and every checkpoint have.
        static final Written NOTHING = new Written(List.of(), List.of());
    }

    /// Writes and uploads what was asked for.
    ///
    /// @param adapter the directory that holds the adapter
    Written write(TrainingRun run, Path adapter, Workspace workspace) {
        GgufFormat format = job.spec().exportGguf();
        if (!job.spec().exportMerged() && format == null) {
            return Written.NOTHING;
        }
        Optional<Path> merged = merged(run, workspace.fresh("merged"));
        List<ArtifactFile> weights = merged.filter(_ -> job.spec().exportMerged())
                .map(directory -> upload(ArtifactLayout.mergedModel(job.adapter()), directory))
                .orElse(List.of());
        return new Written(
                weights, format == null ? List.of() : gguf(run, merged, adapter, format, workspace.fresh("gguf")));
    }

    // Merged weights that do not answer as the adapter does are withheld.
    private Optional<Path> merged(TrainingRun run, Path directory) {
        try {
            MergeProof proof = run.saveMerged(directory);
            outbox.send(new DomainEvent.MergeJudged(job.id(), attempt, true, proof.sentence(), proof));
            return Optional.of(directory);
        } catch (ProductException e) {
            if (e.code() != ErrorCode.MERGE_PROOF_FAILED) {
                throw e;
            }
            LOG.warnf("merged model withheld jobId=%s attempt=%d: %s", job.id(), attempt, e.detail());
            String message = e.code().wireName() + ": " + e.detail();
            outbox.send(new DomainEvent.MergeJudged(job.id(), attempt, false, message, null));
            return Optional.empty();
        }
    }

    private List<ArtifactFile> gguf(
            TrainingRun run, Optional<Path> merged, Path adapter, GgufFormat format, Path target) {
        String name = job.modelName().toString();
        Path model = target.resolve("model-" + format.wireName() + ".gguf");
        merged.ifPresentOrElse(
                directory -> gguf(model, file -> run.exportMerged(directory, file, name, format)),
                () -> judge(model, false, " is not written, because the merged weights are withheld."));
        gguf(
                target.resolve("adapter-" + format.wireName() + ".gguf"),
                file -> run.exportAdapter(adapter, file, name, format));
        return upload(ArtifactLayout.ggufFiles(job.adapter()), target);
    }

    private void gguf(Path file, Consumer<Path> writer) {
        try {
            writer.accept(file);
            judge(file, true, " is written, for llama.cpp and what builds on it.");
        } catch (ProductException e) {
            if (e.code() != ErrorCode.UNSUPPORTED_MODEL) {
                throw e;
            }
            remove(file);
            judge(file, false, " is not written. " + e.detail());
        }
    }

    private void judge(Path file, boolean published, String what) {
        String name = file.getFileName().toString();
        if (!published) {
            LOG.warnf("GGUF file not written jobId=%s attempt=%d: %s%s", job.id(), attempt, name, what);
        }
        outbox.send(new DomainEvent.GgufJudged(job.id(), attempt, name, published, name + what));
    }

    private static void remove(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<ArtifactFile> upload(ObjectKey place, Path directory) {
        return services.patience()
                .call("uploading " + place, signals, () -> services.upload().asNamed(place, directory));
    }
}

package io.lorica.trainer.execution;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

import io.lorica.contracts.adapter.ArtifactFile;
import io.lorica.contracts.adapter.MergeProof;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ErrorKind;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.event.DomainEvent;
import io.lorica.contracts.job.GgufFormat;
import io.lorica.llm.train.TrainingRun;
import io.lorica.storage.ArtifactLayout;
import io.lorica.storage.ObjectKey;
import org.jboss.logging.Logger;

/// What a job asked for beside its adapter: merged weights, and GGUF files of them and of the adapter. What
/// cannot be made is told in an event; the adapter is published all the same. What could not be written, as
/// on a full disk, can be made by an attempt of its own.
///
/// @param attempt the attempt that makes them
record Exports(Attempt attempt) {

    private static final Logger LOG = Logger.getLogger(Exports.class);

    /// What was written and is in the store.
    ///
    /// @param complete whether nothing is missing that another attempt could write
    record Written(List<ArtifactFile> merged, List<ArtifactFile> gguf, boolean complete) {

        /// Nothing, which is all that most jobs and every checkpoint have.
        static final Written NOTHING = new Written(List.of(), List.of(), true);
    }

    /// Writes and uploads what was asked for, as far as it goes.
    ///
    /// @param adapter the directory that holds the adapter
    /// @param before the merged weights that an attempt before has uploaded
    Written write(TrainingRun run, Path adapter, Workspace workspace, List<ArtifactFile> before) {
        GgufFormat format = attempt.job().spec().exportGguf();
        if (!attempt.job().spec().exportMerged() && format == null) {
            return Written.NOTHING;
        }
        attempt.begin("writing the exports");
        List<ArtifactFile> weights = before;
        try {
            Optional<Path> merged = merged(run, workspace.fresh("merged"));
            if (attempt.job().spec().exportMerged() && before.isEmpty()) {
                weights = merged.map(directory ->
                                upload(ArtifactLayout.mergedModel(attempt.job().adapter()), directory))
                        .orElse(List.of());
            }
            List<ArtifactFile> files =
                    format == null ? List.of() : gguf(run, merged, adapter, format, workspace.fresh("gguf"));
            return new Written(weights, files, true);
        } catch (RuntimeException e) {
            if (e instanceof ProductException failure && failure.code().kind() == ErrorKind.UNAVAILABLE) {
                throw e;
            }
            attempt.signals().check();
            tell(attempt.services().patience().translate(e, 0));
            return new Written(weights, List.of(), false);
        }
    }

    // The work of the GPU is kept whatever becomes of files that can be made again.
    private void tell(RuntimeException failure) {
        LOG.errorf(failure, "exports not written jobId=%s attempt=%d", attempt.jobId(), attempt.number());
        attempt.send(new DomainEvent.MergeJudged(
                attempt.jobId(),
                attempt.number(),
                false,
                ErrorCode.EXPORT_FAILED.wireName() + ": Not all of export_merged and export_gguf could be written: "
                        + reason(failure)
                        + ". The training is done and the adapter is published. See that there is room in "
                        + attempt.services().config().workDirectory()
                        + " of the trainer, then POST /v1/fine_tuning/jobs/"
                        + attempt.jobId() + "/resume: it makes what is missing and trains nothing again.",
                null));
    }

    private static String reason(RuntimeException failure) {
        String said = String.valueOf(failure.getMessage());
        return failure.getCause() instanceof IOException cause && !said.contains(String.valueOf(cause.getMessage()))
                ? said + ": " + cause.getMessage()
                : said.replaceFirst("\\.$", "");
    }

    // Merged weights that do not answer as the adapter does are withheld.
    private Optional<Path> merged(TrainingRun run, Path directory) {
        try {
            attempt.signals().check();
            MergeProof proof = run.saveMerged(directory);
            attempt.send(new DomainEvent.MergeJudged(attempt.jobId(), attempt.number(), true, proof.sentence(), proof));
            return Optional.of(directory);
        } catch (ProductException e) {
            if (e.code() != ErrorCode.MERGE_PROOF_FAILED) {
                throw e;
            }
            LOG.warnf("merged model withheld jobId=%s attempt=%d: %s", attempt.jobId(), attempt.number(), e.detail());
            String message = e.code().wireName() + ": " + e.detail();
            attempt.send(new DomainEvent.MergeJudged(attempt.jobId(), attempt.number(), false, message, null));
            return Optional.empty();
        }
    }

    private List<ArtifactFile> gguf(
            TrainingRun run, Optional<Path> merged, Path adapter, GgufFormat format, Path target) {
        String name = attempt.job().modelName().toString();
        List<DomainEvent> judged = new ArrayList<>();
        Path model = target.resolve("model-" + format.wireName() + ".gguf");
        merged.ifPresentOrElse(
                directory -> judged.add(gguf(model, file -> run.exportMerged(directory, file, name, format))),
                () -> judged.add(judge(model, false, " is not written, because the merged weights are withheld.")));
        judged.add(gguf(
                target.resolve("adapter-" + format.wireName() + ".gguf"),
                file -> run.exportAdapter(adapter, file, name, format)));
        List<ArtifactFile> uploaded =
                upload(ArtifactLayout.ggufFiles(attempt.job().adapter()), target);
        judged.forEach(attempt::send);
        return uploaded;
    }

    private DomainEvent gguf(Path file, Consumer<Path> writer) {
        try {
            writer.accept(file);
            return judge(file, true, " is written, for llama.cpp and what builds on it.");
        } catch (ProductException e) {
            if (e.code() != ErrorCode.UNSUPPORTED_MODEL) {
                throw e;
            }
            remove(file);
            return judge(file, false, " is not written. " + e.detail());
        }
    }

    private DomainEvent judge(Path file, boolean published, String what) {
        String name = file.getFileName().toString();
        if (!published) {
            LOG.warnf("GGUF file not written jobId=%s attempt=%d: %s%s", attempt.jobId(), attempt.number(), name, what);
        }
        return new DomainEvent.GgufJudged(attempt.jobId(), attempt.number(), name, published, name + what);
    }

    private static void remove(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<ArtifactFile> upload(ObjectKey place, Path directory) {
        attempt.signals().check();
        return attempt.patiently(
                "uploading " + place, () -> attempt.services().upload().asNamed(place, directory));
    }
}

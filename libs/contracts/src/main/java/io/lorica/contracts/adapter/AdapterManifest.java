package io.lorica.contracts.adapter;

import java.time.Instant;
import java.util.List;

import io.lorica.contracts.id.AdapterId;
import io.lorica.contracts.id.DatasetVersionId;
import io.lorica.contracts.id.JobId;
import io.lorica.contracts.id.ModelName;
import io.lorica.contracts.job.JobSpec;
import io.lorica.contracts.job.StepMetrics;
import org.jspecify.annotations.Nullable;

/// What a checkpoint or a finished adapter is made of, and where it came from. The manifest is written
/// after all its files: an artefact without one does not exist.
///
/// @param adapter the adapter
/// @param name the name under which it is called
/// @param job the job that trained it
/// @param attempt which attempt of the job wrote it, from 1
/// @param step the optimizer step after which it was taken
/// @param spec what the job was asked to do
/// @param dataset the version it learned from
/// @param templateDigest digest of the wording that it was trained with
/// @param metrics what the last step measured
/// @param files the files of the artefact, with digests
/// @param merged the files of the merged 16-bit model, empty where none was asked for
/// @param gguf the GGUF files of the merged model and of the adapter, empty where none were asked for
/// @param device what it was trained on, in words
/// @param codeVersion the version of Lorica that wrote it
/// @param createdAt when it was written
public record AdapterManifest(
        AdapterId adapter,
        ModelName name,
        JobId job,
        int attempt,
        int step,
        JobSpec spec,
        DatasetVersionId dataset,
        String templateDigest,
        @Nullable StepMetrics metrics,
        List<ArtifactFile> files,
        List<ArtifactFile> merged,
        List<ArtifactFile> gguf,
        String device,
        String codeVersion,
        Instant createdAt) {

    public AdapterManifest {
        files = List.copyOf(files);
        merged = List.copyOf(merged);
        // Manifests from before this field do not have it.
        gguf = gguf == null ? List.of() : List.copyOf(gguf);
    }

    /// The same artefact with the files that it is made of.
    public AdapterManifest withFiles(List<ArtifactFile> present) {
        return with(present, merged, gguf);
    }

    /// The same artefact with what was made of it later.
    public AdapterManifest withExports(List<ArtifactFile> mergedModel, List<ArtifactFile> ggufFiles) {
        return with(files, mergedModel, ggufFiles);
    }

    private AdapterManifest with(
            List<ArtifactFile> present, List<ArtifactFile> mergedModel, List<ArtifactFile> ggufFiles) {
        return new AdapterManifest(
                adapter,
                name,
                job,
                attempt,
                step,
                spec,
                dataset,
                templateDigest,
                metrics,
                present,
                mergedModel,
                ggufFiles,
                device,
                codeVersion,
                createdAt);
    }
}

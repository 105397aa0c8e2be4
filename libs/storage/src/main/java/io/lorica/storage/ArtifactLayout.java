package io.lorica.storage;

import java.nio.charset.StandardCharsets;

import io.lorica.contracts.id.AdapterId;
import io.lorica.contracts.id.DatasetVersionId;
import io.lorica.contracts.id.FileId;
import io.lorica.contracts.id.JobId;

/// The one place where keys are spelled. No key is the prefix of another.
public final class ArtifactLayout {

    private ArtifactLayout() {}

    /// Under which all uploaded files are.
    public static ObjectKey files() {
        return ObjectKey.of("files");
    }

    /// What is known of an uploaded file; written last, so a file without it does not exist.
    public static ObjectKey fileRecord(FileId file) {
        return ObjectKey.of("files", file.value(), "file.json");
    }

    /// The bytes of an uploaded file.
    public static ObjectKey fileContent(FileId file) {
        return ObjectKey.of("files", file.value(), "content");
    }

    /// The file as which users see an object of an artefact.
    public static FileId resultFile(ObjectKey object) {
        String digest = Digests.sha256(object.value().getBytes(StandardCharsets.UTF_8));
        return new FileId("file-" + digest.substring(0, 24));
    }

    /// The table of what a job's steps measured, as a file that users see.
    public static FileId resultTable(JobId job) {
        return new FileId("file-results" + job.value().substring("ftjob-".length()));
    }

    /// A dataset version's manifest; written last.
    public static ObjectKey datasetManifest(DatasetVersionId version) {
        return ObjectKey.of("datasets", version.value(), "manifest.json");
    }

    /// A dataset version's examples, one JSON object a line.
    public static ObjectKey datasetExamples(DatasetVersionId version) {
        return ObjectKey.of("datasets", version.value(), "examples.jsonl");
    }

    /// The rows that a dataset version left out, one JSON object a line.
    public static ObjectKey datasetRejects(DatasetVersionId version) {
        return ObjectKey.of("datasets", version.value(), "rejected.jsonl");
    }

    /// The claim of a job's attempt: who creates it owns the attempt.
    public static ObjectKey attemptClaim(JobId job, int attempt) {
        return ObjectKey.of("jobs", job.value(), "attempts", "%04d".formatted(attempt));
    }

    /// Under which all claims of a job's attempts are.
    public static ObjectKey attemptClaims(JobId job) {
        return ObjectKey.of("jobs", job.value(), "attempts");
    }

    /// Under which everything of an adapter is.
    public static ObjectKey adapter(AdapterId adapter) {
        return ObjectKey.of("adapters", adapter.value());
    }

    /// A finished adapter's manifest; written last.
    public static ObjectKey adapterManifest(AdapterId adapter) {
        return adapter(adapter).child("manifest.json");
    }

    /// Under which the merged model of an adapter is.
    public static ObjectKey mergedModel(AdapterId adapter) {
        return adapter(adapter).child("merged");
    }

    /// Under which the GGUF files of an adapter are.
    public static ObjectKey ggufFiles(AdapterId adapter) {
        return adapter(adapter).child("gguf");
    }

    /// Under which all checkpoint manifests of an adapter are.
    public static ObjectKey checkpoints(AdapterId adapter) {
        return adapter(adapter).child("checkpoints");
    }

    /// A checkpoint's manifest; written last.
    public static ObjectKey checkpointManifest(AdapterId adapter, int step) {
        return checkpoints(adapter).child("%09d.json".formatted(step));
    }

    /// A file of an adapter or of its checkpoints, named by its content, so that it is written once.
    public static ObjectKey adapterBlob(AdapterId adapter, String sha256) {
        return adapter(adapter).child("blobs").child(sha256);
    }
}

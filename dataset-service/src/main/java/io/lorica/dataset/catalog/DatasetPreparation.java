package io.lorica.dataset.catalog;

import java.util.stream.Collectors;

import io.lorica.contracts.dataset.DatasetManifest;
import io.lorica.contracts.dataset.FilePurpose;
import io.lorica.contracts.dataset.FileRecord;
import io.lorica.contracts.dataset.SetAside;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.event.DomainEvent;
import io.lorica.contracts.event.DomainEvent.DatasetPublished;
import io.lorica.contracts.event.DomainEvent.DatasetRejected;
import io.lorica.contracts.event.DomainEvent.JobSubmitted;
import io.lorica.contracts.id.DatasetVersionId;
import io.lorica.contracts.id.FileId;
import io.lorica.contracts.id.JobId;
import io.lorica.contracts.job.JobSpec;
import io.lorica.dataset.file.FileRegister;
import io.lorica.storage.ArtifactLayout;
import org.jspecify.annotations.Nullable;

/// Answers a job with its dataset versions, or with the first thing that is wrong with its files.
public final class DatasetPreparation {

    private final FileRegister files;
    private final DatasetCatalog catalog;
    private final int minimumTraining;
    private final int minimumValidation;
    private final int namedBadLines;

    /// @param minimumTraining how few examples a training file may have
    /// @param minimumValidation how few examples a validation file may have
    /// @param namedBadLines how many bad lines a refusal names for each reason
    public DatasetPreparation(
            FileRegister files, DatasetCatalog catalog, int minimumTraining, int minimumValidation, int namedBadLines) {
        this.files = files;
        this.catalog = catalog;
        this.minimumTraining = minimumTraining;
        this.minimumValidation = minimumValidation;
        this.namedBadLines = namedBadLines;
    }

    /// What the job's files are a version of, or one part of its request that needs another file.
    private sealed interface Outcome {
        record Ready(DatasetManifest manifest) implements Outcome {}

        record Refused(DatasetRejected event) implements Outcome {}
    }

    /// Prepares all versions of a job. The answer is the same however often it is asked.
    ///
    /// @throws ProductException when the store cannot be used at present
    public DomainEvent answer(JobSubmitted job) {
        return answer(job, FormattingProgress.SILENT);
    }

    /// The same, telling how far it is.
    public DomainEvent answer(JobSubmitted job, FormattingProgress progress) {
        return switch (prepare(job, FileRole.TRAINING, job.spec().trainingFile(), progress)) {
            case Outcome.Refused(DatasetRejected event) -> event;
            case Outcome.Ready(DatasetManifest training) -> answerWithValidation(job, training, progress);
        };
    }

    private DomainEvent answerWithValidation(JobSubmitted job, DatasetManifest training, FormattingProgress progress) {
        FileId validationFile = job.spec().validationFile();
        if (validationFile == null) {
            return published(job.job(), training, null);
        }
        return switch (prepare(job, FileRole.VALIDATION, validationFile, progress)) {
            case Outcome.Refused(DatasetRejected event) -> event;
            case Outcome.Ready(DatasetManifest validation) -> published(job.job(), training, validation);
        };
    }

    private Outcome prepare(JobSubmitted job, FileRole role, FileId file, FormattingProgress progress) {
        try {
            FileRecord found = files.get(file);
            if (found.purpose() != FilePurpose.FINE_TUNE) {
                return refused(job, role, file, ErrorCode.INVALID_PURPOSE, wrongPurpose(found));
            }
            DatasetManifest manifest = catalog.prepare(recipe(found, job.spec()), progress);
            return manifest.accepted() >= minimum(role)
                    ? new Outcome.Ready(manifest)
                    : tooFew(job, role, file, manifest);
        } catch (ProductException e) {
            if (e.code().passing()) {
                throw e;
            }
            return refused(job, role, file, e.code(), e.detail());
        }
    }

    private Outcome tooFew(JobSubmitted job, FileRole role, FileId file, DatasetManifest manifest) {
        boolean nothingUsable = manifest.accepted() == 0 && manifest.rejected() > 0;
        ErrorCode code = nothingUsable ? role.invalidFile() : role.tooFewExamples();
        String message = "%s has %d example(s), but must have at least %d examples"
                .formatted(role.title(), manifest.accepted(), minimum(role));
        return refused(job, role, file, code, message + badLines(manifest));
    }

    private static DatasetRecipe recipe(FileRecord file, JobSpec spec) {
        return new DatasetRecipe(
                file,
                spec.template(),
                spec.terminator(),
                spec.plan().extras().rows().trainOn());
    }

    private String badLines(DatasetManifest manifest) {
        if (manifest.rejected() == 0) {
            return "";
        }
        String reasons = manifest.setAside().stream()
                .map(reason -> " " + reason.sentence(namedBadLines))
                .collect(Collectors.joining());
        return manifest.setAside().stream().anyMatch(SetAside::wholeFile)
                ? "." + reasons
                : ". " + manifest.rejected() + " row(s) cannot be used." + reasons;
    }

    private int minimum(FileRole role) {
        return switch (role) {
            case TRAINING -> minimumTraining;
            case VALIDATION -> minimumValidation;
        };
    }

    private static String wrongPurpose(FileRecord file) {
        return "The file " + file.id() + " was uploaded with purpose '"
                + file.purpose().wireName() + "'; upload it again with purpose 'fine-tune'.";
    }

    private static Outcome refused(JobSubmitted job, FileRole role, FileId file, ErrorCode code, String message) {
        return new Outcome.Refused(new DatasetRejected(file, job.job(), code, message, role.parameter()));
    }

    private static DatasetPublished published(
            JobId job, DatasetManifest training, @Nullable DatasetManifest validation) {
        return new DatasetPublished(
                training,
                manifestKey(training.id()),
                job,
                validation,
                validation == null ? null : manifestKey(validation.id()));
    }

    private static String manifestKey(DatasetVersionId version) {
        return ArtifactLayout.datasetManifest(version).value();
    }
}

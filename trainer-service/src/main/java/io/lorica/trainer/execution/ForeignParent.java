package io.lorica.trainer.execution;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.id.BaseModelId;
import io.lorica.contracts.job.ParentAdapter;
import io.lorica.llm.lora.AdapterFiles;
import io.lorica.models.BaseModels;
import io.lorica.storage.Digests;

/// The files of a PEFT adapter from elsewhere, copied for an attempt: what is checked is what is loaded.
final class ForeignParent {

    private ForeignParent() {}

    /// Copies an adapter into a directory.
    ///
    /// @throws ProductException with `MODEL_NOT_FOUND` when it is gone, or has other weights than when the job was
    ///     submitted
    static void copy(BaseModels models, ParentAdapter parent, Path directory) {
        Path source =
                models.adapter(new BaseModelId(parent.name())).orElseThrow(() -> refused(parent, "is no longer there"));
        try {
            for (String name : List.of(AdapterFiles.CONFIG, AdapterFiles.WEIGHTS)) {
                Files.copy(source.resolve(name), directory.resolve(name), StandardCopyOption.REPLACE_EXISTING);
            }
            if (!Digests.sha256(directory.resolve(AdapterFiles.WEIGHTS)).equals(parent.digest())) {
                throw refused(parent, "has other weights than when the job was submitted");
            }
        } catch (NoSuchFileException _) {
            throw refused(parent, "is no longer there");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ProductException refused(ParentAdapter parent, String what) {
        return ProductException.forParameter(
                ErrorCode.MODEL_NOT_FOUND,
                "model",
                "The adapter " + parent.name() + ", on which this job trains, " + what
                        + ". Leave its directory as it is until the job has its first checkpoint, and submit the job"
                        + " again.");
    }
}

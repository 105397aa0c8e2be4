package io.lorica.dataset.catalog;

import java.nio.charset.StandardCharsets;

import io.lorica.contracts.dataset.FileRecord;
import io.lorica.contracts.id.DatasetVersionId;
import io.lorica.contracts.job.LossRegion;
import io.lorica.contracts.template.PromptTemplate;
import io.lorica.storage.Digests;

/// Everything that decides what a dataset version holds.
///
/// @param file the uploaded file
/// @param template the wording
/// @param terminator the end-of-sequence text behind every example
/// @param trainOn the messages of a row that are learned
public record DatasetRecipe(FileRecord file, PromptTemplate template, String terminator, LossRegion trainOn) {

    /// Raised whenever equal files would give other examples or other reasons than before.
    static final int FORMAT_VERSION = 2;

    private static final int ID_DIGITS = 24;

    /// The version that this recipe makes: equal recipes name the same version. A file's bytes count, its id does not.
    public DatasetVersionId version() {
        String inputs = String.join(
                "\n", "format " + FORMAT_VERSION, file.sha256(), template.digest(), terminator, trainOn.wireName());
        String digest = Digests.sha256(inputs.getBytes(StandardCharsets.UTF_8));
        return new DatasetVersionId("dsv-" + digest.substring(0, ID_DIGITS));
    }
}

package io.lorica.contracts.dataset;

import java.time.Instant;
import java.util.List;

import io.lorica.contracts.id.DatasetVersionId;
import io.lorica.contracts.id.FileId;
import io.lorica.contracts.job.LossRegion;
import io.lorica.contracts.template.PromptTemplate;

/// What a dataset version is and what it was made from. Equal inputs give equal ids and equal content.
///
/// @param id the version
/// @param file the uploaded file
/// @param fileDigest SHA-256 of the uploaded bytes, in hexadecimal
/// @param template the wording of the text
/// @param templateDigest [PromptTemplate#digest()] at the time of writing
/// @param terminator the end-of-sequence text behind every example
/// @param trainOn the messages of a row that are learned
/// @param accepted number of rows that are learned from
/// @param examples number of examples that they give, one for each message that is learned
/// @param rejected number of rows that were set aside
/// @param setAside the reasons why, the most frequent first
/// @param examplesDigest SHA-256 of `examples.jsonl`, in hexadecimal
/// @param createdAt when the version was made
public record DatasetManifest(
        DatasetVersionId id,
        FileId file,
        String fileDigest,
        PromptTemplate template,
        String templateDigest,
        String terminator,
        LossRegion trainOn,
        int accepted,
        int examples,
        int rejected,
        List<SetAside> setAside,
        String examplesDigest,
        Instant createdAt) {

    public DatasetManifest {
        // Manifests written before there were reasons lack them.
        setAside = setAside == null ? List.of() : List.copyOf(setAside);
    }

    /// The numbers of rows and examples, in words.
    public String counts() {
        return accepted + " rows give " + examples + " examples, and " + rejected + " rows are set aside";
    }
}

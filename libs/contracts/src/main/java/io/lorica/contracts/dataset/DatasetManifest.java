package io.lorica.contracts.dataset;

import java.time.Instant;

import io.lorica.contracts.id.DatasetVersionId;
import io.lorica.contracts.id.FileId;
import io.lorica.contracts.template.PromptTemplate;

/// What a dataset version is and what it was made from. Equal inputs give equal ids and equal content.
///
/// @param id the version
/// @param file the uploaded file
/// @param fileDigest SHA-256 of the uploaded bytes, in hexadecimal
/// @param template the wording of the text
/// @param templateDigest [PromptTemplate#digest()] at the time of writing
/// @param terminator the end-of-sequence text behind every example
/// @param accepted number of examples
/// @param rejected number of rows that were set aside
/// @param examplesDigest SHA-256 of `examples.jsonl`, in hexadecimal
/// @param createdAt when the version was made
public record DatasetManifest(
        DatasetVersionId id,
        FileId file,
        String fileDigest,
        PromptTemplate template,
        String templateDigest,
        String terminator,
        int accepted,
        int rejected,
        String examplesDigest,
        Instant createdAt) {}

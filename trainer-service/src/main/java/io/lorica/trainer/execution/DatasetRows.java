package io.lorica.trainer.execution;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

import io.lorica.contracts.dataset.DatasetManifest;
import io.lorica.contracts.dataset.TrainingExample;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.kit.event.EventCodec;
import io.lorica.storage.ArtifactLayout;
import io.lorica.storage.ObjectStore;
import jakarta.inject.Singleton;

/// The rows of a dataset version, as they were frozen.
@Singleton
public final class DatasetRows {

    private static final int NAMED_LINES = 3;

    private final ObjectStore store;

    DatasetRows(ObjectStore store) {
        this.store = store;
    }

    /// What the user should know of the rows of a file that a job does without: how many, and for each reason how many
    /// and
    /// the lines of the first.
    ///
    /// @param title what the file is to the job, as in `training file`
    static Optional<String> leftOut(DatasetManifest version, String title) {
        if (version.rejected() == 0) {
            return Optional.empty();
        }
        return Optional.of(version.rejected() + " of " + (version.accepted() + version.rejected()) + " rows of the "
                + title + " cannot be used and are left out."
                + version.setAside().stream()
                        .map(reason -> " " + reason.sentence(NAMED_LINES))
                        .collect(Collectors.joining()));
    }

    /// Reads all examples of a version by way of a file, checked against the version's digest.
    public List<TrainingExample> read(DatasetManifest version, Path file) {
        if (!version.templateDigest().equals(version.template().digest())) {
            throw ProductException.of(
                    ErrorCode.TEMPLATE_MISMATCH,
                    "The dataset version " + version.id() + " was written with another wording of the template "
                            + version.template().wireName() + ". Submit the job again to have it written afresh.");
        }
        store.download(ArtifactLayout.datasetExamples(version.id()), file, Optional.of(version.examplesDigest()));
        List<TrainingExample> rows = new ArrayList<>(version.examples());
        try (BufferedReader lines = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                rows.add(
                        EventCodec.json().readValue(line, TrainingExample.class).withoutColumns());
            }
            return rows;
        } catch (IOException e) {
            throw ProductException.of(
                    ErrorCode.INTERNAL_ERROR, "The dataset version " + version.id() + " cannot be read.", e);
        }
    }
}

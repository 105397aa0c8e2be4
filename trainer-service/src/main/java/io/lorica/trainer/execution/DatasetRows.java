package io.lorica.trainer.execution;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

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

    private final ObjectStore store;

    DatasetRows(ObjectStore store) {
        this.store = store;
    }

    /// Reads all rows of a version by way of a file, checked against the version's digest.
    public List<TrainingExample> read(DatasetManifest version, Path file) {
        if (!version.templateDigest().equals(version.template().digest())) {
            throw ProductException.of(
                    ErrorCode.TEMPLATE_MISMATCH,
                    "The dataset version " + version.id() + " was written with another wording of the template "
                            + version.template().wireName() + ". Submit the job again to have it written afresh.");
        }
        store.download(ArtifactLayout.datasetExamples(version.id()), file, Optional.of(version.examplesDigest()));
        List<TrainingExample> rows = new ArrayList<>(version.accepted());
        try (BufferedReader lines = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                rows.add(EventCodec.json().readValue(line, TrainingExample.class));
            }
            return rows;
        } catch (IOException e) {
            throw ProductException.of(
                    ErrorCode.INTERNAL_ERROR, "The dataset version " + version.id() + " cannot be read.", e);
        }
    }
}

package io.lorica.trainer.api;

import java.io.IOException;
import java.util.Optional;

import io.lorica.contracts.adapter.AdapterManifest;
import io.lorica.contracts.adapter.ArtifactFile;
import io.lorica.contracts.dataset.DatasetManifest;
import io.lorica.contracts.dataset.FileRecord;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.id.AdapterId;
import io.lorica.contracts.id.BaseModelId;
import io.lorica.contracts.id.ModelName;
import io.lorica.contracts.id.Owner;
import io.lorica.contracts.job.LoraSpec;
import io.lorica.contracts.job.ParentAdapter;
import io.lorica.kit.event.EventCodec;
import io.lorica.llm.lora.AdapterFiles;
import io.lorica.storage.ArtifactLayout;
import io.lorica.storage.ObjectKey;
import io.lorica.storage.ObjectStore;
import jakarta.inject.Singleton;

/// Finds the adapter that a job is to train on: a fine-tuned model or a checkpoint.
@Singleton
public final class ParentReader {

    private final ObjectStore store;

    ParentReader(ObjectStore store) {
        this.store = store;
    }

    /// The adapter of that name; empty where the name is that of a base model.
    ///
    /// @param continued whether its run is to go on
    /// @param owner to whom it must belong
    /// @throws ProductException with `MODEL_NOT_FOUND` when there is no such adapter
    Optional<TrainedOn> find(String model, boolean continued, Owner owner) {
        if (!BaseModelId.matches(model)) {
            return Optional.empty();
        }
        return switch (ModelName.parse(model)) {
            case ModelName.Base _ -> Optional.empty();
            case ModelName.FineTuned tuned ->
                Optional.of(trainedOn(
                        manifest(ArtifactLayout.adapterManifest(tuned.adapter()), model, owner),
                        tuned.adapter(),
                        continued));
            case ModelName.Checkpoint checkpoint -> {
                AdapterId adapter = checkpoint.model().adapter();
                ObjectKey key = ArtifactLayout.checkpointManifest(adapter, checkpoint.step());
                yield Optional.of(trainedOn(manifest(key, model, owner), adapter, continued));
            }
        };
    }

    /// Refuses rows that are not those of a run that is to go on.
    void requireSameRows(TrainedOn parent, FileRecord file) {
        AdapterManifest manifest = parent.manifest();
        if (manifest == null || file.id().equals(manifest.spec().trainingFile())) {
            return;
        }
        boolean other = read(ArtifactLayout.datasetManifest(manifest.dataset()), DatasetManifest.class)
                .filter(version -> !version.fileDigest().equals(file.sha256()))
                .isPresent();
        if (other) {
            throw ProductException.forParameter(
                    ErrorCode.INVALID_TRAINING_FILE,
                    "training_file",
                    "The file " + file.id() + " has other rows than "
                            + manifest.spec().trainingFile() + ", of which "
                            + manifest.name() + " has learned so far. Give that one, or leave out continue to begin a"
                            + " new run with the weights.");
        }
    }

    private TrainedOn trainedOn(AdapterManifest manifest, AdapterId adapter, boolean continued) {
        AdapterManifest source = continued ? checkpoint(manifest) : manifest;
        ParentAdapter parent = new ParentAdapter(
                manifest.name().toString(),
                adapter,
                source.step(),
                file(source, AdapterFiles.WEIGHTS).sha256(),
                continued);
        LoraSpec lora = continued
                ? source.spec().lora()
                : AdapterFiles.spec(store.read(
                        new ObjectKey(file(source, AdapterFiles.CONFIG).key())));
        return new TrainedOn(parent, source.spec().model(), lora, source);
    }

    /// The checkpoint of a finished adapter's last step, which has what the adapter lacks: the optimizer's state.
    private AdapterManifest checkpoint(AdapterManifest manifest) {
        return read(ArtifactLayout.checkpointManifest(manifest.adapter(), manifest.step()), AdapterManifest.class)
                .orElseThrow(() -> ProductException.forParameter(
                        ErrorCode.MODEL_NOT_FOUND,
                        "model",
                        "The checkpoint of " + manifest.name() + " after step " + manifest.step()
                                + " is deleted, without which its run cannot go on. Leave out continue to begin a new"
                                + " run with its weights."));
    }

    private AdapterManifest manifest(ObjectKey key, String model, Owner owner) {
        return read(key, AdapterManifest.class)
                .filter(manifest -> manifest.spec().owner().equals(owner))
                .orElseThrow(() -> ProductException.forParameter(
                        ErrorCode.MODEL_NOT_FOUND,
                        "model",
                        "There is no model '" + model + "'. GET /v1/models lists the models that can be trained on."));
    }

    private <T> Optional<T> read(ObjectKey key, Class<T> type) {
        if (store.stat(key).isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(EventCodec.json().readValue(store.read(key), type));
        } catch (IOException e) {
            throw ProductException.of(ErrorCode.INTERNAL_ERROR, "The manifest " + key + " is damaged.", e);
        }
    }

    private static ArtifactFile file(AdapterManifest manifest, String name) {
        return manifest.files().stream()
                .filter(file -> file.name().equals(name))
                .findFirst()
                .orElseThrow(() -> ProductException.of(
                        ErrorCode.INTERNAL_ERROR, "The adapter " + manifest.name() + " has no " + name + "."));
    }
}

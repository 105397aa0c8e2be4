package io.lorica.inference.adapter;

import java.util.Optional;

import io.lorica.contracts.id.AdapterId;
import io.lorica.contracts.id.ModelName;
import io.lorica.storage.ArtifactLayout;
import io.lorica.storage.ObjectKey;

/// What decides which adapter a name means: its labels do not.
///
/// @param adapter the adapter
/// @param step the step of a checkpoint, empty for the finished adapter
record AdapterKey(AdapterId adapter, Optional<Integer> step) {

    /// The key in a name, empty for a base model.
    static Optional<AdapterKey> of(ModelName name) {
        return switch (name) {
            case ModelName.Base _ -> Optional.empty();
            case ModelName.FineTuned model -> Optional.of(new AdapterKey(model.adapter(), Optional.empty()));
            case ModelName.Checkpoint checkpoint ->
                Optional.of(new AdapterKey(checkpoint.model().adapter(), Optional.of(checkpoint.step())));
        };
    }

    /// Where the manifest is.
    ObjectKey manifest() {
        return step.map(taken -> ArtifactLayout.checkpointManifest(adapter, taken))
                .orElseGet(() -> ArtifactLayout.adapterManifest(adapter));
    }
}

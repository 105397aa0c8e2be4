package io.lorica.trainer.publish;

import java.time.Instant;
import java.util.List;

import io.lorica.contracts.adapter.ArtifactFile;
import io.lorica.contracts.dataset.FilePurpose;
import io.lorica.contracts.dataset.FileRecord;
import io.lorica.contracts.id.FileId;
import io.lorica.contracts.id.Owner;
import io.lorica.kit.event.EventCodec;
import io.lorica.storage.ArtifactLayout;
import io.lorica.storage.ObjectKey;
import io.lorica.storage.ObjectStore;
import jakarta.inject.Singleton;

/// Lists files of an artefact among those that users can download. Their bytes stay where they are.
@Singleton
public final class ResultFiles {

    private final ObjectStore store;

    ResultFiles(ObjectStore store) {
        this.store = store;
    }

    /// Writes a record for each file, the same for the same file however often, and returns their ids.
    public List<FileId> list(List<ArtifactFile> files, Owner owner, Instant now) {
        return files.stream().map(file -> list(file, owner, now)).toList();
    }

    private FileId list(ArtifactFile file, Owner owner, Instant now) {
        FileId id = ArtifactLayout.resultFile(new ObjectKey(file.key()));
        FileRecord entry = FileRecord.of(
                        id, file.size(), now, file.name(), FilePurpose.FINE_TUNE_RESULTS, file.sha256())
                .storedAt(file.key())
                .ownedBy(owner);
        store.put(ArtifactLayout.fileRecord(id), EventCodec.bytes(entry), "application/json");
        return id;
    }
}

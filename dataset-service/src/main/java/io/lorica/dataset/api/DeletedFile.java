package io.lorica.dataset.api;

import io.lorica.contracts.id.FileId;

/// The answer to a deletion.
record DeletedFile(FileId id, String object, boolean deleted) {

    static DeletedFile of(FileId id) {
        return new DeletedFile(id, "file", true);
    }
}

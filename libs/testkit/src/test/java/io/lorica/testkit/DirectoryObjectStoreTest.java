package io.lorica.testkit;

import java.nio.file.Path;

import io.lorica.storage.DirectoryObjectStore;
import io.lorica.storage.ObjectStore;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/// The contract, kept by a directory.
class DirectoryObjectStoreTest extends ObjectStoreContract {

    @TempDir
    Path root;

    private ObjectStore store;

    @BeforeEach
    void open() {
        store = new DirectoryObjectStore(root);
    }

    @Override
    protected ObjectStore store() {
        return store;
    }
}

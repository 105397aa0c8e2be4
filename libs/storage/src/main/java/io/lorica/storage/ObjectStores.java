package io.lorica.storage;

import java.nio.file.Path;
import java.util.function.Function;

/// Opens the store that settings describe. Opening does not touch the network: a store that is away says so when it is
/// first used.
public final class ObjectStores {

    private ObjectStores() {}

    /// Opens the buckets of one store by their names. They share the connections, so that a bucket costs nothing.
    public static Function<String, ObjectStore> buckets(StoreSettings settings) {
        ObjectStore first = open(settings);
        return first instanceof MinioObjectStore store ? store::inBucket : bucket -> open(settings.withBucket(bucket));
    }

    /// The store at the endpoint: a directory for `file:`, an S3 server otherwise.
    public static ObjectStore open(StoreSettings settings) {
        return switch (settings.endpoint().getScheme()) {
            case "file" -> new DirectoryObjectStore(Path.of(settings.endpoint()).resolve(settings.bucket()));
            case "http", "https" -> new MinioObjectStore(settings);
            case null, default ->
                throw new IllegalArgumentException("lorica.store.endpoint is '" + settings.endpoint()
                        + "'; write http://host:port, https://host or file:///path");
        };
    }
}

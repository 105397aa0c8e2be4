package io.lorica.models;

import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.id.BaseModelId;

/// The places that callers may name base models in. Where several callers share an installation, a place counts only if
/// the configuration lists it: its disk, its buckets and its hub token belong to the operator. Whatever a caller may
/// not
/// name is answered like a model that does not exist.
///
/// @param names models with a name of their own, which everybody may use
/// @param directories directories below which models may be named; empty for all while there is one caller
/// @param buckets buckets likewise; the one of the installation's own artefacts is never among all
/// @param hubOwners users and organisations of the hub likewise
/// @param ownBucket the bucket that holds files, datasets and adapters
public record ModelAccess(
        ModelNames names,
        Optional<List<String>> directories,
        Optional<List<String>> buckets,
        Optional<List<String>> hubOwners,
        String ownBucket) {

    private static final String ANY = "*";

    /// Refuses a model that the caller may not name.
    ///
    /// @param shared whether the installation has several callers
    /// @throws ProductException with `MODEL_NOT_FOUND`, the same as for a model that does not exist
    public void require(BaseModelId model, boolean shared) {
        if (!allows(model, shared)) {
            throw missing(model.value());
        }
    }

    /// Tells whether the caller may name a model.
    ///
    /// @param shared whether the installation has several callers
    public boolean allows(BaseModelId model, boolean shared) {
        return names.has(model)
                || source(model).map(source -> allows(source, shared)).orElse(!shared);
    }

    /// The name of a model for a caller: as it is called where the caller may call it, else without its place.
    ///
    /// @param shared whether the installation has several callers
    public String label(BaseModelId model, boolean shared) {
        if (allows(model, shared)) {
            return model.value();
        }
        String path = model.value().replaceAll("/+$", "");
        return path.substring(path.lastIndexOf('/') + 1);
    }

    /// The failure that tells that there is no such model.
    public static ProductException missing(String name) {
        return ProductException.forParameter(
                ErrorCode.MODEL_NOT_FOUND,
                "model",
                "There is no model '" + name + "'. GET /v1/models lists the models that can be asked for.");
    }

    private boolean allows(ModelSource source, boolean shared) {
        return switch (source) {
            case ModelSource.Local local ->
                directories
                        .map(roots -> roots.stream().anyMatch(root -> root.equals(ANY) || below(local.path(), root)))
                        .orElse(!shared);
            case ModelSource.Bucket bucket ->
                buckets.map(listed -> listed.contains(bucket.bucket())
                                || (listed.contains(ANY) && !bucket.bucket().equals(ownBucket)))
                        .orElse(!shared && !bucket.bucket().equals(ownBucket));
            case ModelSource.Hub hub ->
                hubOwners
                        .map(listed -> listed.contains(ANY) || listed.contains(owner(hub)))
                        .orElse(!shared);
        };
    }

    private static String owner(ModelSource.Hub hub) {
        return hub.repository().substring(0, hub.repository().indexOf('/'));
    }

    // Links and dots in a path lead where they lead; a path that leads nowhere is taken as it is written.
    private static boolean below(Path path, String root) {
        return real(path).startsWith(real(Path.of(root)));
    }

    private static Path real(Path path) {
        try {
            return path.toRealPath();
        } catch (IOException e) {
            return path.toAbsolutePath().normalize();
        }
    }

    private static Optional<ModelSource> source(BaseModelId model) {
        try {
            return Optional.of(ModelSource.of(model));
        } catch (ProductException | InvalidPathException e) {
            return Optional.empty();
        }
    }
}

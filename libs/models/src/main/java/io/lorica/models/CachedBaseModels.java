package io.lorica.models;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

import io.lorica.contracts.id.BaseModelId;

/// Base models from this machine's disk, from S3 and from a hub. What comes over the network is kept in a
/// cache directory and is fetched once, by whichever process asks first.
public final class CachedBaseModels implements BaseModels {

    private static final Duration BETWEEN_LOOKS = Duration.ofMinutes(1);

    private final BucketModels buckets;
    private final HubModels hub;

    /// Base models as the settings say; a proxy is taken from the environment.
    public CachedBaseModels(ModelsSettings settings) {
        this(
                settings,
                new HubConnection(settings.hub(), settings.token(), System.getenv(), Patience.usual()),
                new BackgroundRefresh(BETWEEN_LOOKS));
    }

    CachedBaseModels(ModelsSettings settings, HubConnection connection, BackgroundRefresh refresh) {
        this.buckets = new BucketModels(settings.cache(), settings.store(), refresh);
        this.hub = new HubModels(settings.cache(), connection, refresh);
    }

    @Override
    public BaseModelProfile profile(BaseModelId model) {
        return switch (ModelSource.of(model)) {
            case ModelSource.Local local -> LocalModels.profile(model, LocalModels.located(model, local.path()));
            case ModelSource.Bucket bucket -> buckets.profile(model, bucket);
            case ModelSource.Hub repository -> hub.profile(model, repository);
        };
    }

    @Override
    public Path fetch(BaseModelId model, FetchProgress progress) {
        return switch (ModelSource.of(model)) {
            case ModelSource.Local local -> LocalModels.located(model, local.path());
            case ModelSource.Bucket bucket -> buckets.fetch(model, bucket, progress);
            case ModelSource.Hub repository -> hub.fetch(model, repository, progress);
        };
    }

    @Override
    public Optional<Path> here(BaseModelId model) {
        return switch (ModelSource.of(model)) {
            case ModelSource.Local local -> Optional.of(LocalModels.located(model, local.path()));
            case ModelSource.Bucket bucket -> buckets.kept(model, bucket);
            case ModelSource.Hub repository -> hub.kept(model, repository);
        };
    }

    @Override
    public Optional<Path> adapter(BaseModelId model) {
        return switch (ModelSource.of(model)) {
            case ModelSource.Local local -> Optional.of(local.path()).filter(LocalModels::adapterAlone);
            case ModelSource.Bucket _, ModelSource.Hub _ -> Optional.empty();
        };
    }
}

package io.lorica.models;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.id.BaseModelId;
import org.jboss.logging.Logger;

/// Base models from directories, from S3 and from a hub. What comes over the network is kept in a cache directory and
/// is fetched once, by whichever process asks first.
public final class CachedBaseModels implements BaseModels {

    private static final Logger LOG = Logger.getLogger(CachedBaseModels.class);

    private final Path cache;
    private final BucketModels buckets;
    private final HubConnection connection;
    private final HubClient hub;

    /// Base models as the settings say; a proxy is taken from the environment.
    public CachedBaseModels(ModelsSettings settings) {
        this(settings, new HubConnection(settings.hub(), settings.token(), System.getenv(), Patience.usual()));
    }

    CachedBaseModels(ModelsSettings settings, HubConnection connection) {
        this.cache = settings.cache();
        this.buckets = new BucketModels(settings.cache(), settings.store());
        this.connection = connection;
        this.hub = new HubClient(connection);
    }

    @Override
    public BaseModelProfile profile(BaseModelId model) {
        return switch (ModelSource.of(model)) {
            case ModelSource.Directory directory -> profile(model, existing(model, directory.path()));
            case ModelSource.Bucket bucket -> buckets.profile(model, bucket);
            case ModelSource.Hub repository -> profile(model, repository);
        };
    }

    @Override
    public Path fetch(BaseModelId model, FetchProgress progress) {
        return switch (ModelSource.of(model)) {
            case ModelSource.Directory directory -> existing(model, directory.path());
            case ModelSource.Bucket bucket -> buckets.fetch(model, bucket, progress);
            case ModelSource.Hub repository -> fetch(model, repository, progress);
        };
    }

    private static BaseModelProfile profile(BaseModelId model, Path directory) {
        return ProfileReader.read(model, name -> {
            Path file = directory.resolve(name);
            try {
                return Files.isRegularFile(file) ? Optional.of(Files.readAllBytes(file)) : Optional.empty();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private BaseModelProfile profile(BaseModelId model, ModelSource.Hub repository) {
        return switch (state(repository)) {
            case Kept kept -> profile(model, kept.directory());
            case Seen seen -> {
                HubClient.Revision revision = seen.revision();
                requireWeights(model, revision.names());
                yield ProfileReader.read(
                        model,
                        name -> revision.names().contains(name)
                                ? Optional.of(hub.read(repository, revision, name))
                                : Optional.empty());
            }
        };
    }

    private Path fetch(BaseModelId model, ModelSource.Hub repository, FetchProgress progress) {
        return switch (state(repository)) {
            case Kept kept -> kept.directory();
            case Seen seen -> fetch(model, repository, seen.revision(), progress);
        };
    }

    private Path fetch(
            BaseModelId model, ModelSource.Hub repository, HubClient.Revision revision, FetchProgress progress) {
        HubCache kept = new HubCache(cache, repository);
        CacheEntry entry = kept.commit(revision.commit());
        Path directory = entry.filled(() -> {
            requireWeights(model, revision.names());
            hub.download(repository, revision, entry.directory(), progress);
        });
        kept.remember(repository.revision(), revision.commit());
        return directory;
    }

    /// What there is of a repository: here already, or seen at the hub.
    private sealed interface State {}

    private record Kept(Path directory) implements State {}

    private record Seen(HubClient.Revision revision) implements State {}

    // A commit never changes. A branch may, so the hub is asked; one that is away does not stop work on what is here.
    private State state(ModelSource.Hub repository) {
        HubCache here = new HubCache(cache, repository);
        Optional<Path> kept = here.kept(repository.revision());
        if (kept.isEmpty()) {
            return new Seen(hub.revision(repository, connection.patience()));
        }
        if (HubClient.isCommit(repository.revision())) {
            return new Kept(kept.get());
        }
        try {
            HubClient.Revision revision =
                    hub.revision(repository, connection.patience().once());
            return here.commit(revision.commit()).whole().<State>map(Kept::new).orElseGet(() -> new Seen(revision));
        } catch (ProductException e) {
            if (e.code() != ErrorCode.HUB_UNAVAILABLE) {
                throw e;
            }
            LOG.warnf("hub away, using the model as fetched last model=%s reason=%s", repository, e.detail());
            return new Kept(kept.get());
        }
    }

    /// Refuses a model whose weights are missing or could run code.
    static void requireWeights(BaseModelId model, List<String> names) {
        if (names.stream().noneMatch(ModelFiles::weights)) {
            boolean pickled = names.stream().anyMatch(name -> name.endsWith(".bin"));
            throw ProductException.forParameter(
                    ErrorCode.UNSUPPORTED_MODEL,
                    "model",
                    "'" + model + "' has no .safetensors weights"
                            + (pickled ? ", only pickled ones, which can run code and are not loaded." : ".")
                            + " Choose a model that is published as safetensors.");
        }
    }

    private static Path existing(BaseModelId model, Path directory) {
        if (!Files.isDirectory(directory)) {
            throw ProductException.forParameter(
                    ErrorCode.MODEL_NOT_FOUND,
                    "model",
                    "There is no directory " + directory.toAbsolutePath() + ". Give a directory that holds a model,"
                            + " an s3:// prefix, or a hub repository such as org/name.");
        }
        try (Stream<Path> content = Files.list(directory)) {
            requireWeights(
                    model, content.map(file -> file.getFileName().toString()).toList());
            return directory;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

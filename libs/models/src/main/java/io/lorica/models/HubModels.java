package io.lorica.models;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.id.BaseModelId;
import io.lorica.gguf.ByteSource;
import io.lorica.gguf.GgufFile;
import io.lorica.gguf.GgufLayout;
import org.jboss.logging.Logger;

/// Base models from repositories of a hub.
final class HubModels {

    private static final Logger LOG = Logger.getLogger(HubModels.class);

    private final Path cache;
    private final HubConnection connection;
    private final HubClient hub;

    HubModels(Path cache, HubConnection connection) {
        this.cache = cache;
        this.connection = connection;
        this.hub = new HubClient(connection);
    }

    BaseModelProfile profile(BaseModelId model, ModelSource.Hub repository) {
        return switch (state(repository)) {
            case Kept kept -> LocalModels.profile(model, LocalModels.fetched(model, kept.directory()));
            case Seen seen -> profile(model, repository, seen.revision());
        };
    }

    Path fetch(BaseModelId model, ModelSource.Hub repository, FetchProgress progress) {
        return switch (state(repository)) {
            case Kept kept -> LocalModels.fetched(model, kept.directory());
            case Seen seen -> fetch(model, repository, seen.revision(), progress);
        };
    }

    private BaseModelProfile profile(BaseModelId model, ModelSource.Hub repository, HubClient.Revision revision) {
        return switch (form(model, repository, revision)) {
            case ModelForm.Layout _ ->
                ProfileReader.read(
                        model,
                        name -> revision.names().contains(name)
                                ? Optional.of(hub.read(repository, revision, name))
                                : Optional.empty());
            case ModelForm.Gguf gguf -> {
                try (GgufFile header = GgufFile.header(bytes(repository, revision, gguf.file()))) {
                    yield ProfileReader.read(model, name -> GgufLayout.read(header, name));
                }
            }
        };
    }

    private ByteSource bytes(ModelSource.Hub repository, HubClient.Revision revision, String file) {
        HubClient.RemoteFile remote = hub.sized(revision, file::equals).getFirst();
        return new ByteSource() {
            @Override
            public String name() {
                return file;
            }

            @Override
            public long size() {
                return remote.size();
            }

            @Override
            public byte[] read(long offset, int length) {
                return hub.read(repository, revision, file, offset, length);
            }
        };
    }

    private Path fetch(
            BaseModelId model, ModelSource.Hub repository, HubClient.Revision revision, FetchProgress progress) {
        ModelForm form = form(model, repository, revision);
        HubCache kept = new HubCache(cache, repository);
        CacheEntry entry = kept.commit(revision.commit());
        Path directory = entry.filled(() -> elsewhere(model, repository, revision, form, progress)
                .ifPresentOrElse(
                        file -> SharedFile.link(file, form.in(entry.directory())),
                        () -> hub.download(repository, revision, form::needs, entry.directory(), progress)));
        kept.remember(repository.revision(), revision.commit());
        return form.in(directory);
    }

    // A file that is fetched by its name and as the only one of its repository is kept once. Of the two entries only
    // the
    // repository's waits for the other one, so that they never wait for each other.
    private Optional<Path> elsewhere(
            BaseModelId model,
            ModelSource.Hub repository,
            HubClient.Revision revision,
            ModelForm form,
            FetchProgress progress) {
        return switch (form) {
            case ModelForm.Layout _ -> Optional.empty();
            case ModelForm.Gguf gguf
            when repository.file() == null ->
                Optional.of(fetch(model, repository.naming(gguf.file()), revision, progress));
            case ModelForm.Gguf _ ->
                new HubCache(cache, repository.naming(null))
                        .commit(revision.commit())
                        .whole()
                        .map(form::in)
                        .filter(Files::isRegularFile);
        };
    }

    private static ModelForm form(BaseModelId model, ModelSource.Hub repository, HubClient.Revision revision) {
        return repository.file() == null
                ? ModelForm.of(model, revision.names())
                : ModelForm.named(model, repository.file(), revision.names());
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
}

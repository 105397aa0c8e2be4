package io.lorica.models;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

import io.lorica.contracts.id.BaseModelId;
import io.lorica.gguf.ByteSource;
import io.lorica.gguf.GgufFile;
import io.lorica.gguf.GgufLayout;
import io.lorica.layout.SmallFiles;
import org.jboss.logging.Logger;

/// Base models from repositories of a hub.
final class HubModels {

    private static final Logger LOG = Logger.getLogger(HubModels.class);

    private final Path cache;
    private final BackgroundRefresh refresh;
    private final HubClient hub;

    HubModels(Path cache, HubConnection connection, BackgroundRefresh refresh) {
        this.cache = cache;
        this.refresh = refresh;
        this.hub = new HubClient(connection);
    }

    BaseModelProfile profile(BaseModelId model, ModelSource.Hub repository) {
        return switch (state(model, repository)) {
            case Kept kept -> LocalModels.profile(model, LocalModels.fetched(model, kept.directory()));
            case Seen seen -> profile(model, repository, seen.revision());
        };
    }

    Path fetch(BaseModelId model, ModelSource.Hub repository, FetchProgress progress) {
        return switch (state(model, repository)) {
            case Kept kept -> LocalModels.fetched(model, kept.directory());
            case Seen seen -> fetch(model, repository, seen.revision(), progress);
        };
    }

    /// The model as it was fetched last.
    Optional<Path> kept(BaseModelId model, ModelSource.Hub repository) {
        return keptDirectory(model, repository).map(directory -> LocalModels.fetched(model, directory));
    }

    private BaseModelProfile profile(BaseModelId model, ModelSource.Hub repository, HubClient.Revision revision) {
        return switch (form(model, repository, revision)) {
            case ModelForm.Layout _ -> ProfileReader.read(model, files(repository, revision));
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

    private SmallFiles files(ModelSource.Hub repository, HubClient.Revision revision) {
        return name ->
                revision.names().contains(name) ? Optional.of(hub.read(repository, revision, name)) : Optional.empty();
    }

    private ModelForm form(BaseModelId model, ModelSource.Hub repository, HubClient.Revision revision) {
        return repository.file() == null
                ? ModelForm.of(model, revision.names(), files(repository, revision))
                : ModelForm.named(model, repository.file(), revision.names());
    }

    /// What there is of a repository: here already, or seen at the hub.
    private sealed interface State {}

    private record Kept(Path directory) implements State {}

    private record Seen(HubClient.Revision revision) implements State {}

    private State state(BaseModelId model, ModelSource.Hub repository) {
        return keptDirectory(model, repository)
                .<State>map(Kept::new)
                .orElseGet(() -> new Seen(hub.revision(repository)));
    }

    // What is here needs no network. A branch may have moved since, so the hub is asked in the background, for next
    // time.
    private Optional<Path> keptDirectory(BaseModelId model, ModelSource.Hub repository) {
        Optional<Path> kept = new HubCache(cache, repository).kept(repository.revision());
        if (kept.isPresent() && !HubClient.isCommit(repository.revision())) {
            refresh.soon(model.value(), () -> renew(model, repository));
        }
        return kept;
    }

    private void renew(BaseModelId model, ModelSource.Hub repository) {
        HubClient.Revision revision = hub.revision(repository);
        if (new HubCache(cache, repository).commit(revision.commit()).whole().isPresent()) {
            new HubCache(cache, repository).remember(repository.revision(), revision.commit());
            return;
        }
        LOG.infof("the hub has a newer revision, fetching it model=%s commit=%s", model, revision.commit());
        fetch(model, repository, revision, FetchProgress.silent());
    }
}

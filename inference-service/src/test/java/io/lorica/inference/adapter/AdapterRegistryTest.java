package io.lorica.inference.adapter;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

import io.lorica.contracts.adapter.AdapterManifest;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.id.ModelName;
import io.lorica.inference.Adapters;
import io.lorica.inference.Settings;
import io.lorica.storage.DirectoryObjectStore;
import io.lorica.storage.ObjectKey;
import io.lorica.storage.ObjectStore;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

class AdapterRegistryTest {

    @TempDir
    private Path directory;

    private ObjectStore store;
    private AdapterRegistry registry;
    private final ModelName.FineTuned name = Adapters.name(Adapters.BASE);

    @BeforeEach
    void open() {
        store = new DirectoryObjectStore(directory.resolve("store"));
        registry = new AdapterRegistry(new AdapterFetcher(store, Settings.withCache(directory.resolve("cache"))));
    }

    @Test
    void listsWhatItHeardOfTheNewestFirst() {
        // Given
        registry.announce(announced(name.checkpoint(2), 0));
        registry.announce(announced(name, 9));
        registry.announce(announced(name, 20));

        // When
        var listed = registry.listed();

        // Then
        assertThat(listed).extracting(AdapterState::name).containsExactly(name, name.checkpoint(2));
        assertThat(listed.getFirst().since()).isEqualTo(Adapters.NOW.plusSeconds(9));
    }

    @Test
    void fetchesWhatServingNeedsAndNoMore() throws IOException {
        // Given
        AdapterManifest manifest = stored("weights");
        registry.announce(announced(name, 0));

        // When
        AdapterState.Ready ready = registry.resolve(name);

        // Then
        assertThat(ready.manifest()).isEqualTo(manifest);
        assertThat(ready.directory()).isDirectoryContaining("glob:**adapter_model.safetensors");
        assertThat(ready.directory()).isDirectoryContaining("glob:**adapter_config.json");
        assertThat(ready.directory()).isDirectoryNotContaining("glob:**optimizer*");
        assertThat(Files.readString(ready.directory().resolve("adapter_model.safetensors")))
                .isEqualTo("weights");
    }

    @Test
    void findsInTheStoreWhatNoEventToldOf() {
        // Given
        stored("weights");
        ModelName.FineTuned otherLabels = new ModelName.FineTuned("x", "y", "", name.adapter());

        // When
        AdapterState.Ready ready = registry.resolve(otherLabels);

        // Then
        assertThat(ready.name()).isEqualTo(name);
        assertThat(registry.listed()).extracting(AdapterState::name).containsExactly(name);
    }

    @Test
    void knowsAnAdapterFromItsManifestAlone() {
        // Given
        stored("weights");

        // When
        AdapterState found = registry.find(name);

        // Then
        assertThat(found).isInstanceOf(AdapterState.Announced.class);
        assertThat(found.base()).isEqualTo(Adapters.BASE);
        assertThat(directory.resolve("cache")).doesNotExist();
    }

    @Test
    void fetchesAgainWhatWasSweptFromTheCache() throws IOException {
        // Given
        stored("weights");
        Path weights = registry.resolve(name).directory().resolve("adapter_model.safetensors");
        Files.delete(weights);

        // When
        registry.resolve(name);

        // Then
        assertThat(weights).exists();
    }

    @Test
    void replacesALocalFileThatIsDamaged() throws IOException {
        // Given
        stored("weights");
        Path weights = registry.resolve(name).directory().resolve("adapter_model.safetensors");
        Files.writeString(weights, "damaged");
        open();

        // When
        registry.resolve(name);

        // Then
        assertThat(weights).hasContent("weights");
    }

    @Test
    void saysThatThereIsNoSuchModel() {
        assertMissing(name);
        assertMissing(name.checkpoint(3));
        assertMissing(ModelName.parse("lorica/demo"));
    }

    @Test
    void takesAManifestThatIsGoneForAModelThatIsGone() {
        // Given
        registry.announce(announced(name, 0));

        // Then
        assertMissing(name);
    }

    @Test
    void keepsRefusingADamagedAdapterForTheSameReason() {
        // Given
        AdapterManifest manifest = stored("weights");
        manifest.files().forEach(file -> store.put(new ObjectKey(file.key()), "other".getBytes(UTF_8), "x"));

        // When
        ProductException first = failure(name);
        ProductException second = failure(name);

        // Then
        assertThat(first.code()).isEqualTo(ErrorCode.DIGEST_MISMATCH);
        assertThat(first.parameter()).isEqualTo("model");
        assertThat(second).isSameAs(first);
        assertThat(registry.listed()).isEmpty();
    }

    @Test
    void refusesAnAdapterWithoutItsConfiguration() {
        // Given
        Adapters.store(store, name, Adapters.BASE, Map.of("adapter_model.safetensors", new byte[3]));

        // When
        ProductException failure = failure(name);

        // Then
        assertThat(failure.detail()).contains("adapter_config.json").contains("Train it again");
    }

    @Test
    void refusesAManifestThatItCannotRead() {
        // Given
        store.put(Adapters.key(name), "{\"adapter\":7}".getBytes(UTF_8), "application/json");
        registry.announce(announced(name, 0));

        // When
        ProductException failure = failure(name);

        // Then
        assertThat(failure.code()).isEqualTo(ErrorCode.DIGEST_MISMATCH);
        assertThat(failure.detail()).contains("cannot be read");
    }

    @Test
    void servesLaterWhatAnAbsentStoreKeptBack() throws IOException {
        // Given
        stored("weights");
        Path cache = Files.writeString(directory.resolve("cache"), "a file where a directory should be");
        ProductException away = failure(name);

        // When
        Files.delete(cache);
        AdapterState.Ready ready = registry.resolve(name);

        // Then
        assertThat(away.code()).isEqualTo(ErrorCode.STORE_UNAVAILABLE);
        assertThat(ready.name()).isEqualTo(name);
    }

    @Test
    void remembersADeletionForCheckpointsThatItHearsOfLater() {
        // Given
        stored("weights");
        registry.announce(announced(name, 0));

        // When
        registry.retire(name);
        registry.announce(announced(name.checkpoint(2), 0));

        // Then
        assertThat(registry.listed()).isEmpty();
        assertMissing(name);
        assertMissing(name.checkpoint(2));
    }

    @Test
    void forgetsOneCheckpointAndKeepsTheOthers() {
        // Given
        Adapters.store(store, name.checkpoint(4), Adapters.BASE, Adapters.files("weights"));
        registry.announce(announced(name.checkpoint(2), 0));
        registry.announce(announced(name.checkpoint(4), 1));

        // When
        registry.retire(name.checkpoint(2));
        registry.announce(announced(name.checkpoint(2), 0));

        // Then
        assertThat(registry.listed()).extracting(AdapterState::name).containsExactly(name.checkpoint(4));
        assertMissing(name.checkpoint(2));
        assertThat(registry.resolve(name.checkpoint(4)).name()).isEqualTo(name.checkpoint(4));
    }

    private void assertMissing(ModelName model) {
        ProductException failure = failure(model);
        assertThat(failure.code()).isEqualTo(ErrorCode.MODEL_NOT_FOUND);
        assertThat(failure.parameter()).isEqualTo("model");
        assertThat(failure.detail()).contains("'" + model + "'").contains("GET /v1/models");
    }

    private ProductException failure(ModelName model) {
        return catchThrowableOfType(ProductException.class, () -> registry.resolve(model));
    }

    private AdapterManifest stored(String weights) {
        return Adapters.store(store, name, Adapters.BASE, Adapters.files(weights));
    }

    private static AdapterState.Announced announced(ModelName model, long seconds) {
        return new AdapterState.Announced(model, Adapters.BASE, Adapters.key(model), Adapters.NOW.plusSeconds(seconds));
    }
}

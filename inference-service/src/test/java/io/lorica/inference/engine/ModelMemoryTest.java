package io.lorica.inference.engine;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

import io.lorica.contracts.id.BaseModelId;
import io.lorica.inference.Adapters;
import io.lorica.inference.Settings;
import io.lorica.inference.adapter.AdapterState;
import io.lorica.storage.DirectoryObjectStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

class ModelMemoryTest {

    private static final BaseModelId ONE = new BaseModelId("/models/one");
    private static final BaseModelId TWO = new BaseModelId("/models/two");
    private static final BaseModelId THREE = new BaseModelId("/models/three");

    @TempDir
    private Path store;

    private final Map<String, ScriptedModel> models = new HashMap<>();
    private final ModelMemory memory = new ModelMemory(
            directory -> models.merge(directory.toString(), new ScriptedModel(), (_, fresh) -> fresh),
            Settings.with(Map.of("base-models-in-memory", "2", "adapter-bytes-in-memory", "250", "merge-after", "3")));

    @Test
    void loadsAModelOnce() {
        assertThat(model(ONE)).isSameAs(model(ONE));
    }

    @Test
    void theModelUsedLongestAgoMakesRoom() {
        // Given
        model(ONE);
        model(TWO);
        model(ONE);

        // When
        model(THREE);

        // Then
        assertThat(memory.loaded()).containsExactlyInAnyOrder(ONE, THREE);
        assertThat(scripted(TWO).closed).isTrue();
        assertThat(scripted(ONE).closed).isFalse();
    }

    @Test
    void aModelInUseStays() {
        // Given
        memory.hold(model(ONE), Optional.empty());
        model(TWO);

        // When
        model(THREE);

        // Then
        assertThat(memory.loaded()).containsExactlyInAnyOrder(ONE, THREE);
    }

    @Test
    void hasNoRoomWhileAllModelsAreInUse() {
        // Given
        ModelMemory.Residence one = model(ONE);
        memory.hold(one, Optional.empty());
        memory.hold(model(TWO), Optional.empty());
        boolean before = memory.hasRoomFor(THREE);

        // When
        memory.release(one, Optional.empty());

        // Then
        assertThat(before).isFalse();
        assertThat(memory.hasRoomFor(ONE)).isTrue();
        assertThat(memory.hasRoomFor(THREE)).isTrue();
    }

    @Test
    void theAdapterUsedLongestAgoMakesRoom() {
        // Given
        ModelMemory.Residence one = model(ONE);
        load(one, "a");
        load(one, "b");
        load(one, "a");

        // When
        load(one, "c");

        // Then
        assertThat(scripted(ONE).loaded).containsExactly("a", "b", "c");
        assertThat(scripted(ONE).freed).containsExactly("b");
    }

    @Test
    void anAdapterInUseStays() {
        // Given
        ModelMemory.Residence one = model(ONE);
        load(one, "a");
        memory.hold(one, adapter("a"));
        memory.hold(one, adapter("a"));
        memory.release(one, adapter("a"));
        load(one, "b");

        // When
        load(one, "c");

        // Then
        assertThat(scripted(ONE).freed).containsExactly("b");
    }

    @Test
    void anAdapterThatIsAskedForAgainAndAgainIsMergedUntilAnotherOneIs() {
        // Given
        ModelMemory.Residence one = model(ONE);
        load(one, "a");
        load(one, "a");
        boolean early = !scripted(ONE).merges.isEmpty();

        // When
        load(one, "a");
        load(one, "a");
        load(one, "b");
        load(one, "a");

        // Then
        assertThat(early).isFalse();
        assertThat(scripted(ONE).merges).containsExactly("+a", "-");
    }

    @Test
    void theBaseIsPutBackBeforeItIsAsked() {
        // Given
        ModelMemory.Residence one = model(ONE);
        load(one, "a");
        load(one, "a");
        load(one, "a");

        // When
        memory.adapter(one, Optional.empty());

        // Then
        assertThat(scripted(ONE).merges).containsExactly("+a", "-");
    }

    @Test
    void nothingIsMergedUnderAnAnswerOfAnother() {
        // Given
        ModelMemory.Residence one = model(ONE);
        memory.hold(one, Optional.empty());
        load(one, "a");
        load(one, "a");
        load(one, "a");
        boolean under = !scripted(ONE).merges.isEmpty();

        // When
        memory.release(one, Optional.empty());
        memory.hold(one, adapter("a"));
        load(one, "a");

        // Then
        assertThat(under).isFalse();
        assertThat(scripted(ONE).merges).containsExactly("+a");
    }

    @Test
    void freesEverythingAtTheEnd() {
        // Given
        load(model(ONE), "a");
        model(TWO);

        // When
        memory.close();

        // Then
        assertThat(scripted(ONE).freed).containsExactly("a");
        assertThat(models.values()).allSatisfy(model -> assertThat(model.closed).isTrue());
        assertThat(memory.loaded()).isEmpty();
    }

    private ModelMemory.Residence model(BaseModelId base) {
        return memory.model(base, Path.of(base.value()));
    }

    private ScriptedModel scripted(BaseModelId base) {
        return models.get(base.value());
    }

    private void load(ModelMemory.Residence residence, String digest) {
        memory.adapter(residence, adapter(digest));
    }

    private Optional<AdapterState.Ready> adapter(String digest) {
        var manifest = Adapters.store(new DirectoryObjectStore(store), Adapters.name(ONE), ONE, Adapters.files(digest));
        return Optional.of(new AdapterState.Ready(manifest, digest, Path.of(digest)));
    }
}

package io.lorica.inference.engine;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

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
            Settings.with(Map.of("base-models-in-memory", "2", "adapter-bytes-in-memory", "250", "merge-after", "3")));

    @Test
    void theModelUsedLongestAgoMakesRoom() {
        // Given
        model(ONE);
        model(TWO);
        model(ONE);

        // When
        boolean made = memory.makeRoom(Set.of());

        // Then
        assertThat(made).isTrue();
        assertThat(memory.loaded()).containsExactly(ONE);
        assertThat(scripted(TWO).closed).isTrue();
        assertThat(scripted(ONE).closed).isFalse();
    }

    @Test
    void aModelInUseStays() {
        // Given
        memory.hold(model(ONE), Optional.empty());
        model(TWO).beginTask();

        // When
        boolean made = memory.makeRoom(Set.of());

        // Then
        assertThat(made).isFalse();
        assertThat(memory.loaded()).containsExactlyInAnyOrder(ONE, TWO);
    }

    @Test
    void aModelThatQuestionsWaitForStays() {
        // Given
        model(ONE);
        model(TWO);

        // When
        boolean made = memory.makeRoom(Set.of(ONE));

        // Then
        assertThat(made).isTrue();
        assertThat(memory.loaded()).containsExactly(ONE);
    }

    @Test
    void whatIsOverTheLimitGoesOnceItIsFree() {
        // Given
        ModelMemory.Residence one = model(ONE);
        ModelMemory.Residence two = model(TWO);
        memory.hold(one, Optional.empty());
        memory.hold(two, Optional.empty());
        model(THREE);
        memory.trim(Set.of());
        boolean before = memory.withinLimit();

        // When
        memory.release(two, Optional.empty());
        memory.trim(Set.of());

        // Then
        assertThat(before).isFalse();
        assertThat(memory.loaded()).containsExactlyInAnyOrder(ONE, THREE);
    }

    @Test
    void countsItsLimit() {
        // Given
        model(ONE);
        boolean afterOne = memory.belowLimit();
        model(TWO);

        // Then
        assertThat(afterOne).isTrue();
        assertThat(memory.belowLimit()).isFalse();
        assertThat(memory.withinLimit()).isTrue();
        model(THREE);
        assertThat(memory.withinLimit()).isFalse();
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
        ModelMemory.Residence known = memory.resident(base);
        return known == null ? memory.add(base, models.computeIfAbsent(base.value(), _ -> new ScriptedModel())) : known;
    }

    private ScriptedModel scripted(BaseModelId base) {
        return models.get(base.value());
    }

    private void load(ModelMemory.Residence residence, String digest) {
        Optional<AdapterState.Ready> adapter = adapter(digest);
        if (!residence.has(adapter)) {
            AdapterState.Ready ready = adapter.orElseThrow();
            memory.add(residence, ready, residence.model().loadAdapter(ready.directory()));
        }
        memory.adapter(residence, adapter);
    }

    private Optional<AdapterState.Ready> adapter(String digest) {
        var manifest = Adapters.store(new DirectoryObjectStore(store), Adapters.name(ONE), ONE, Adapters.files(digest));
        return Optional.of(new AdapterState.Ready(manifest, digest, Path.of(digest)));
    }
}

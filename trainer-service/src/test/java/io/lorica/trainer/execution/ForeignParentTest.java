package io.lorica.trainer.execution;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.id.BaseModelId;
import io.lorica.contracts.job.ParentAdapter;
import io.lorica.models.BaseModelProfile;
import io.lorica.models.BaseModels;
import io.lorica.models.FetchProgress;
import io.lorica.models.PeftFolder;
import io.lorica.storage.Digests;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class ForeignParentTest {

    @TempDir
    Path directory;

    private Path source;
    private Path target;
    private ParentAdapter parent;

    @BeforeEach
    void writeAnAdapter() throws IOException {
        source = Files.createDirectories(directory.resolve("source"));
        target = Files.createDirectories(directory.resolve("target"));
        Files.writeString(source.resolve("adapter_config.json"), "{}");
        Files.writeString(source.resolve("adapter_model.safetensors"), "weights");
        Files.writeString(source.resolve("optimizer.pt"), "not needed");
        parent = new ParentAdapter(
                source.toString(), null, 0, Digests.sha256(source.resolve("adapter_model.safetensors")), false);
    }

    @Test
    void copiesWhatTheRunBeginsWith() {
        // When
        ForeignParent.copy(new Adapters(), parent, target);

        // Then
        assertThat(target.resolve("adapter_config.json")).hasContent("{}");
        assertThat(target.resolve("adapter_model.safetensors")).hasContent("weights");
        assertThat(target.resolve("optimizer.pt")).doesNotExist();
    }

    @Test
    void refusesWeightsThatChangedAfterTheJobWasSubmitted() throws IOException {
        Files.writeString(source.resolve("adapter_model.safetensors"), "Weights");
        refused("has other weights than when the job was submitted");
    }

    @Test
    void saysThatAnAdapterIsGone() throws IOException {
        Files.delete(source.resolve("adapter_model.safetensors"));
        refused("is no longer there");
        Files.delete(source.resolve("adapter_config.json"));
        refused("is no longer there");
    }

    private void refused(String words) {
        assertThatThrownBy(() -> ForeignParent.copy(new Adapters(), parent, target))
                .isInstanceOfSatisfying(ProductException.class, failure -> {
                    assertThat(failure.code()).isEqualTo(ErrorCode.MODEL_NOT_FOUND);
                    assertThat(failure.parameter()).isEqualTo("model");
                    assertThat(failure.detail()).contains(source.toString()).contains(words);
                });
    }

    /// Adapters on the disk, and no models.
    private static final class Adapters implements BaseModels {

        @Override
        public BaseModelProfile profile(BaseModelId model) {
            throw new AssertionError("only an adapter is copied");
        }

        @Override
        public Path fetch(BaseModelId model, FetchProgress progress) {
            throw new AssertionError("only an adapter is copied");
        }

        @Override
        public Optional<Path> here(BaseModelId model) {
            return Optional.empty();
        }

        @Override
        public Optional<Path> adapter(BaseModelId model) {
            return Optional.of(Path.of(model.value()))
                    .filter(place -> PeftFolder.at(place).isPresent());
        }
    }
}

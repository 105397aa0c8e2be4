package io.lorica.models;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.id.BaseModelId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class ModelAccessTest {

    private static final ModelAccess BY_DEFAULT = access(Optional.empty(), Optional.empty(), Optional.empty());

    @TempDir
    Path root;

    @ParameterizedTest
    @ValueSource(
            strings = {"/etc", "/etc/passwd", "./x.gguf", "~/models", "s3://other/model", "org/name", "no-such-name"})
    void letsSeveralCallersNameNothingButNamedModels(String model) {
        assertThat(BY_DEFAULT.allows(new BaseModelId(model), true)).isFalse();
        assertThatThrownBy(() -> BY_DEFAULT.require(new BaseModelId(model), true))
                .isInstanceOfSatisfying(ProductException.class, failure -> {
                    assertThat(failure.code()).isEqualTo(ErrorCode.MODEL_NOT_FOUND);
                    assertThat(failure.detail())
                            .isEqualTo("There is no model '" + model
                                    + "'. GET /v1/models lists the models that can be asked for.");
                });
        assertThat(BY_DEFAULT.allows(new BaseModelId("qwen"), true)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/etc", "./x.gguf", "s3://other/model", "org/name", "qwen"})
    void letsTheOneCallerNameAllPlaces(String model) {
        assertThat(BY_DEFAULT.allows(new BaseModelId(model), false)).isTrue();
    }

    @Test
    void neverTakesAModelFromItsOwnBucketUnlessItIsListed() {
        BaseModelId inside = new BaseModelId("s3://lorica/adapters/a/merged");
        ModelAccess any = access(Optional.empty(), Optional.of(List.of("*")), Optional.empty());
        ModelAccess listed = access(Optional.empty(), Optional.of(List.of("lorica")), Optional.empty());
        assertThat(BY_DEFAULT.allows(inside, false)).isFalse();
        assertThat(any.allows(inside, false)).isFalse();
        assertThat(any.allows(new BaseModelId("s3://other/x"), true)).isTrue();
        assertThat(listed.allows(inside, true)).isTrue();
    }

    @Test
    void keepsCallersBelowTheDirectoriesThatAreListed() throws IOException {
        // Given
        Path models = Files.createDirectories(root.resolve("models"));
        Path secret = Files.createDirectories(root.resolve("secret"));
        Files.createDirectories(models.resolve("good"));
        Files.createSymbolicLink(models.resolve("link"), secret);
        ModelAccess access = access(Optional.of(List.of(models.toString())), Optional.empty(), Optional.empty());

        // When // Then
        for (boolean shared : List.of(true, false)) {
            assertThat(access.allows(id(models.resolve("good")), shared)).isTrue();
            assertThat(access.allows(id(models.resolve("none")), shared)).isTrue();
            assertThat(access.allows(id(secret), shared)).isFalse();
            assertThat(access.allows(id(models.resolve("link")), shared)).isFalse();
            assertThat(access.allows(id(models.resolve("../secret")), shared)).isFalse();
            assertThat(access.allows(id(models.resolve("none/../../secret")), shared))
                    .isFalse();
            assertThat(access.allows(id(root.resolve("models-too")), shared)).isFalse();
        }
    }

    @Test
    void fetchesFromListedOwnersOfTheHubAlone() {
        ModelAccess access = access(Optional.empty(), Optional.empty(), Optional.of(List.of("deepseek-ai", "Qwen")));
        assertThat(access.allows(new BaseModelId("Qwen/Qwen3-8B@main"), true)).isTrue();
        assertThat(access.allows(new BaseModelId("deepseek-ai/x/model.gguf"), true))
                .isTrue();
        assertThat(access.allows(new BaseModelId("someone/private"), true)).isFalse();
        assertThat(access.allows(new BaseModelId("someone/private"), false)).isFalse();
        assertThat(access.allows(new BaseModelId("Qwen-evil/x"), true)).isFalse();
    }

    @Test
    void showsOthersNoPlaces() {
        assertThat(BY_DEFAULT.label(new BaseModelId("/srv/models/qwen-7b/"), true))
                .isEqualTo("qwen-7b");
        assertThat(BY_DEFAULT.label(new BaseModelId("/srv/models/qwen-7b"), false))
                .isEqualTo("/srv/models/qwen-7b");
        assertThat(BY_DEFAULT.label(new BaseModelId("qwen"), true)).isEqualTo("qwen");
    }

    private static BaseModelId id(Path path) {
        return new BaseModelId(path.toString());
    }

    private static ModelAccess access(
            Optional<List<String>> directories, Optional<List<String>> buckets, Optional<List<String>> hubOwners) {
        return new ModelAccess(
                new ModelNames(Map.of("qwen", "/srv/models/qwen")), directories, buckets, hubOwners, "lorica");
    }
}

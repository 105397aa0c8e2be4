package io.lorica.models;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.id.BaseModelId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class NamedBaseModelsTest {

    private final List<String> asked = new ArrayList<>();
    private final BaseModels models = new NamedBaseModels(
            ModelNames.parse(List.of("qwen = /srv/models/qwen", "r1=deepseek-ai/R1@main")), new Places());

    @Test
    void findsANamedModelAtItsPlaceAndOthersWhereTheyAre() {
        // When
        models.fetch(new BaseModelId("qwen"), FetchProgress.silent());
        models.here(new BaseModelId("r1"));
        models.fetch(new BaseModelId("org/other"), FetchProgress.silent());

        // Then
        assertThat(asked).containsExactly("/srv/models/qwen", "deepseek-ai/R1@main", "org/other");
    }

    @Test
    void tellsNobodyWhereANamedModelIs() {
        assertThatThrownBy(() -> models.profile(new BaseModelId("qwen")))
                .isInstanceOfSatisfying(ProductException.class, failure -> {
                    assertThat(failure.code()).isEqualTo(ErrorCode.UNSUPPORTED_MODEL);
                    assertThat(failure.detail()).contains("'qwen'").doesNotContain("/srv");
                });
    }

    @ParameterizedTest
    @ValueSource(strings = {"qwen", "=/srv/x", "a/b=/srv/x", "qwen=", "-x=/srv"})
    void refusesAnEntryOfAnotherForm(String entry) {
        assertThatThrownBy(() -> ModelNames.parse(List.of(entry)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'name=place'");
    }

    @Test
    void refusesANameThatStandsTwice() {
        assertThatThrownBy(() -> ModelNames.parse(List.of("a=/x", "a=/y"))).hasMessageContaining("'a' twice");
    }

    private final class Places implements BaseModels {

        @Override
        public BaseModelProfile profile(BaseModelId model) {
            throw ProductException.forParameter(ErrorCode.MODEL_NOT_FOUND, "model", "There is no directory " + model);
        }

        @Override
        public Path fetch(BaseModelId model, FetchProgress progress) {
            asked.add(model.value());
            return Path.of("/");
        }

        @Override
        public Optional<Path> here(BaseModelId model) {
            asked.add(model.value());
            return Optional.empty();
        }
    }
}

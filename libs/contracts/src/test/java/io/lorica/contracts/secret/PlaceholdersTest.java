package io.lorica.contracts.secret;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class PlaceholdersTest {

    @ParameterizedTest
    @ValueSource(strings = {"replace-me", "REPLACE_ME", "changeme", "sk-choose-one", "choose-one-too", " replace-me\n"})
    void refusesTheValuesOfTemplates(String value) {
        assertThatThrownBy(() -> Placeholders.checked("LORICA_API_KEY", value))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("LORICA_API_KEY is still the template's value '" + value.strip() + "'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"lorica-secret", "sk-4f1c", "please-replace-me-never", "one"})
    void takesEverythingElse(String value) {
        assertThat(Placeholders.checked("LORICA_API_KEY", value)).isEqualTo(value);
    }

    @Test
    void keepsTheSecretAsItStands() {
        assertThat(Placeholders.checked("key", " spaced ")).isEqualTo(" spaced ");
    }
}

package io.lorica.gateway.access;

import java.util.HexFormat;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class KeyRingTest {

    private final KeyRing ring = new KeyRing(List.of(
            ApiKey.of("default", "sk-one"),
            ApiKey.parse("anna:sk-two"),
            ApiKey.parse("bert:sha256:" + HexFormat.of().formatHex(ApiKey.sha256("sk:three")))));

    @Test
    void knowsTheCallerOfEachKey() {
        assertThat(ring.caller("Bearer sk-one")).contains("default");
        assertThat(ring.caller("bearer sk-two")).contains("anna");
        assertThat(ring.caller("Bearer sk:three ")).contains("bert");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "sk-one",
                "Basic sk-one",
                "Bearer",
                "Bearer ",
                "Bearer sk-on",
                "Bearer sk-one1",
                "Bearer SK-ONE"
            })
    void knowsNobodyElse(String authorization) {
        assertThat(ring.caller(authorization)).isEmpty();
    }

    @Test
    void knowsNobodyWithoutAHeader() {
        assertThat(ring.caller(null)).isEmpty();
    }

    @Test
    void refusesToStandWithoutAKey() {
        assertThatThrownBy(() -> new KeyRing(List.of())).hasMessageContaining("LORICA_API_KEY");
    }

    @Test
    void refusesTwoKeysOfOneName() {
        assertThatThrownBy(() -> new KeyRing(List.of(ApiKey.of("anna", "a"), ApiKey.of("anna", "b"))))
                .hasMessageContaining("same name");
    }

    @ParameterizedTest
    @ValueSource(strings = {"justakey", ":key", "anna:", "anna:  ", "an na:key", "anna:sha256:beef"})
    void refusesAnEntryOfAnotherForm(String entry) {
        assertThatThrownBy(() -> ApiKey.parse(entry)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void refusesAKeyOfATemplate() {
        assertThatThrownBy(() -> ApiKey.parse("default:replace-me"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("The API key of 'default' is still the template's value");
    }
}

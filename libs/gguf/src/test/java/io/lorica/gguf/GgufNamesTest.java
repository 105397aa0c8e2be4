package io.lorica.gguf;

import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class GgufNamesTest {

    @Test
    void findsTheOnlyFile() {
        assertThat(GgufNames.only("here", List.of("README.md", "Model.GGUF"))).contains("Model.GGUF");
        assertThat(GgufNames.only("here", List.of("model.gguf.txt"))).isEmpty();
    }

    @Test
    void leavesNoChoiceBetweenFiles() {
        assertThatThrownBy(() -> GgufNames.only("org/name", List.of("b.gguf", "a.gguf", "c-00001-of-00002.gguf")))
                .hasMessageContaining("'org/name' holds 3 GGUF files: a.gguf, b.gguf, c-00001-of-00002.gguf.");
    }

    @Test
    void refusesTheParts() {
        assertThatThrownBy(() -> GgufNames.only("here", List.of("m-00002-of-00002.gguf", "m-00001-of-00002.gguf")))
                .hasMessageContaining("m-00001-of-00002.gguf is one part of several");
    }

    @ParameterizedTest
    @ValueSource(strings = {"model-00001-of-00001.gguf", "model-1-of-2.gguf", "00001-of-00002.gguf"})
    void takesWhatIsNoPart(String name) {
        assertThat(GgufNames.only("here", List.of(name))).contains(name);
    }
}

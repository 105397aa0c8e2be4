package io.lorica.llm.tensor;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class AttentionChoiceTest {

    @Test
    void isAWordOfItsOwnOrTheDefault() {
        assertThat(AttentionChoice.of("")).isEqualTo(AttentionChoice.AUTO);
        assertThat(AttentionChoice.of(" Deterministic ")).isEqualTo(AttentionChoice.DETERMINISTIC);
        assertThatThrownBy(() -> AttentionChoice.of("fast"))
                .hasMessageContaining("LORICA_ATTENTION is 'fast'")
                .hasMessageContaining("auto, flash, deterministic");
    }

    @Test
    void libtorchsPromiseIsAsItWasBefore() throws Throwable {
        // When
        try (Determinism first = Determinism.ofAttention()) {
            assertThat(first).isNotNull();
        }

        // Then
        assertThat((boolean)
                        LibTorch.IS_DETERMINISTIC.invokeWithArguments(LibTorch.GLOBAL_CONTEXT.invokeWithArguments()))
                .isFalse();
    }
}

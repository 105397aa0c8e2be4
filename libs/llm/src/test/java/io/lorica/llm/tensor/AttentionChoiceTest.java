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
    void sumsInTheSameOrderUnlessSpeedWasAskedFor() {
        assertThat(AttentionChoice.AUTO.repeatable()).isTrue();
        assertThat(AttentionChoice.DETERMINISTIC.repeatable()).isTrue();
        assertThat(AttentionChoice.FLASH.repeatable()).isFalse();
    }

    @Test
    void libtorchsPromiseHoldsForACallAndIsThenAsItWasBefore() throws Throwable {
        // When
        boolean inside;
        try (Determinism same = Determinism.of(true)) {
            inside = promised();
        }

        // Then
        assertThat(inside).isTrue();
        assertThat(promised()).isFalse();
    }

    private static boolean promised() throws Throwable {
        return (boolean) LibTorch.IS_DETERMINISTIC.invokeWithArguments(LibTorch.GLOBAL_CONTEXT.invokeWithArguments());
    }
}

package io.lorica.llm.memory;

import io.lorica.contracts.error.ProductException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class MemorySwitchTest {

    @ParameterizedTest
    @CsvSource({",,true", ",true,true", ",'',true", ",' ',true", ",false,false", "false,true,false", "true,false,true"})
    void isOffWhereFalseSaysSoAlone(@Nullable String property, @Nullable String variable, boolean on) {
        assertThat(MemorySwitch.on(property, variable)).isEqualTo(on);
    }

    @ParameterizedTest
    @ValueSource(strings = {"flase", "no", "0", "FALSE", "on"})
    void namesAValueThatIsNone(String value) {
        assertThatThrownBy(() -> MemorySwitch.on(null, value))
                .isInstanceOf(ProductException.class)
                .hasMessageContaining("LORICA_MEMORY_CHECK is '" + value + "'")
                .hasMessageContaining("true, or false");
    }

    @Test
    void namesThePropertyWhereThatIsWrong() {
        assertThatThrownBy(() -> MemorySwitch.on("maybe", "true"))
                .hasMessageContaining("lorica.memory-check is 'maybe'");
    }
}

package io.lorica.llm.cuda;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class KernelSourceTest {

    private static final Target TARGET = new Target(90, true);
    private static final String COMPILER = "NVRTC 13.0";

    private final KernelSource source = new KernelSource("a.cu", Precision.BF16, "text", "header");

    @Test
    void hasADigestOfAllThatTheCodeDependsOn() {
        // When
        String digest = source.digest(TARGET, COMPILER);

        // Then
        assertThat(digest)
                .isEqualTo(source.digest(TARGET, COMPILER))
                .isNotEqualTo(source.digest(TARGET, "NVRTC 12.8"))
                .isNotEqualTo(source.digest(new Target(80, true), COMPILER))
                .isNotEqualTo(source.digest(new Target(90, false), COMPILER))
                .isNotEqualTo(new KernelSource("a.cu", Precision.F16, "text", "header").digest(TARGET, COMPILER))
                .isNotEqualTo(new KernelSource("a.cu", Precision.BF16, "texth", "eader").digest(TARGET, COMPILER));
    }

    @Test
    void isAmongTheResources() {
        assertThat(Kernels.SOURCES)
                .allSatisfy(
                        name -> assertThat(KernelSource.of(name, Precision.F32).text())
                                .contains("#include \"" + KernelSource.HEADER_NAME + "\""));
        assertThatThrownBy(() -> KernelSource.of("none.cu", Precision.F32)).hasMessageContaining("none.cu");
    }
}

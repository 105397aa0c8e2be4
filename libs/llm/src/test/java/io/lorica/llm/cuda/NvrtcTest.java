package io.lorica.llm.cuda;

import java.util.Arrays;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.abort;

/// Needs NVRTC, but no GPU.
class NvrtcTest {

    private static final int ANY = Integer.MAX_VALUE;

    @ParameterizedTest
    @CsvSource({"BF16,90", "F16,80", "F32,75", "BF16,75"})
    void compilesEverySource(Precision precision, int architecture) {
        Nvrtc nvrtc = nvrtc();
        assertThat(Kernels.SOURCES)
                .allSatisfy(name -> assertThat(nvrtc.compile(
                                KernelSource.of(name, precision), Target.of(nvrtc.architectures(), architecture)))
                        .hasSizeGreaterThan(1000));
    }

    @Test
    void tellsWhatIsWrongWithASource() {
        // Given
        Nvrtc nvrtc = nvrtc();
        KernelSource wrong = new KernelSource("wrong.cu", Precision.F32, "nonsense;", "");
        Target target = new Target(nvrtc.architectures().getLast(), true);

        // Then
        assertThatThrownBy(() -> nvrtc.compile(wrong, target))
                .isInstanceOf(CudaException.class)
                .hasMessageContaining("wrong.cu(1): error");
    }

    @Test
    void isNotTakenForADriverThatIsOlder() {
        nvrtc();
        assertThat(Nvrtc.find(NvrtcSearch.ofProcess(), 1)).isEmpty();
    }

    @Test
    void writesPtxForADriverToTranslate() {
        // Given
        Nvrtc nvrtc = nvrtc();
        Target target = new Target(nvrtc.architectures().getFirst(), false);

        // When
        byte[] code = nvrtc.compile(KernelSource.of("rotary.cu", Precision.F32), target);

        // Then
        assertThat(new String(code, 0, code.length - 1, java.nio.charset.StandardCharsets.US_ASCII))
                .contains(".visible .entry rotary_wide");
        assertThat(Arrays.copyOfRange(code, code.length - 1, code.length)).containsExactly(0);
    }

    private static Nvrtc nvrtc() {
        return Nvrtc.find(NvrtcSearch.ofProcess(), ANY)
                .orElseGet(() -> abort("there is no NVRTC here; LORICA_NVRTC can name it"));
    }
}

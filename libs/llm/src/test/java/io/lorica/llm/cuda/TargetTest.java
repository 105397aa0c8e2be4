package io.lorica.llm.cuda;

import java.util.List;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class TargetTest {

    private static final List<Integer> SUPPORTED = List.of(75, 80, 86, 89, 90);

    @Test
    void isMachineCodeForAGpuThatTheCompilerKnows() {
        assertThat(Target.of(SUPPORTED, 90)).hasToString("sm_90");
    }

    @Test
    void isTheNextOlderPtxForANewerGpu() {
        assertThat(Target.of(SUPPORTED, 120)).hasToString("compute_90");
        assertThat(Target.of(SUPPORTED, 87)).hasToString("compute_86");
    }

    @Test
    void saysWhatToDoAboutAGpuThatIsTooOld() {
        assertThatThrownBy(() -> Target.of(SUPPORTED, 61))
                .isInstanceOf(CudaException.class)
                .hasMessageContaining("compute capability 6.1")
                .hasMessageContaining("starts at 7.5")
                .hasMessageContaining("LORICA_NVRTC");
    }
}

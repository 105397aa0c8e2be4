package io.lorica.llm.cuda;

import java.util.Comparator;
import java.util.List;

/// What kernels are compiled for.
///
/// @param architecture a compute capability without its dot, such as 90
/// @param machineCode whether to machine code (CUBIN), or to PTX that the driver translates for a newer GPU
record Target(int architecture, boolean machineCode) {

    /// The best that a compiler can do for a GPU.
    ///
    /// @param supported the architectures that the compiler knows
    /// @throws CudaException if it no longer knows any as old as this GPU
    static Target of(List<Integer> supported, int architecture) {
        if (supported.contains(architecture)) {
            return new Target(architecture, true);
        }
        return supported.stream()
                .filter(known -> known < architecture)
                .max(Comparator.naturalOrder())
                .map(known -> new Target(known, false))
                .orElseThrow(() -> new CudaException("this GPU has compute capability " + dotted(architecture)
                        + ", and this NVRTC starts at "
                        + dotted(supported.stream()
                                .min(Comparator.naturalOrder())
                                .orElse(0))
                        + ". Point " + Setting.NVRTC + " at an older one, or set " + Setting.KERNELS + "=off."));
    }

    /// The compiler's option.
    String option() {
        return "--gpu-architecture=" + this;
    }

    private static String dotted(int architecture) {
        return architecture / 10 + "." + architecture % 10;
    }

    @Override
    public String toString() {
        return (machineCode ? "sm_" : "compute_") + architecture;
    }
}

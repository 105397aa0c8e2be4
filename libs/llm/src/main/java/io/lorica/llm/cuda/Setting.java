package io.lorica.llm.cuda;

import java.util.Optional;

/// A choice that the one who starts the process may make, as a system property or as an environment variable.
///
/// @param property the system property; it goes first
/// @param variable the environment variable
record Setting(String property, String variable) {

    /// `off` switches this package off, so that everything runs on libtorch's own operations.
    static final Setting KERNELS = new Setting("lorica.cuda.kernels", "LORICA_CUDA_KERNELS");
    /// `off` switches graphs of short passes off, so that each kernel is launched by itself.
    static final Setting GRAPHS = new Setting("lorica.cuda.graphs", "LORICA_CUDA_GRAPHS");
    /// Where NVRTC is: its file, or a directory.
    static final Setting NVRTC = new Setting("lorica.nvrtc", "LORICA_NVRTC");
    /// Where compiled kernels are kept.
    static final Setting CACHE = new Setting("lorica.cuda.cache", "LORICA_CUDA_CACHE");

    Optional<String> value() {
        return Optional.ofNullable(System.getProperty(property))
                .or(() -> Optional.ofNullable(System.getenv(variable)))
                .filter(value -> !value.isBlank());
    }

    /// Whether it says `off`.
    boolean off() {
        return value().filter("off"::equals).isPresent();
    }

    @Override
    public String toString() {
        return variable;
    }
}

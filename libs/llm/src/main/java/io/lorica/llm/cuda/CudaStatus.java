package io.lorica.llm.cuda;

/// Whether this process can run kernels of its own, and if not, why.
public sealed interface CudaStatus {

    /// Driver and compiler are there.
    ///
    /// @param gpus how many GPUs the driver shows
    /// @param words their versions and places
    record Ready(int gpus, String words) implements CudaStatus {}

    /// Something is missing.
    ///
    /// @param words what, and what to do about it
    record Missing(String words) implements CudaStatus {}

    /// A sentence for a log.
    String words();
}

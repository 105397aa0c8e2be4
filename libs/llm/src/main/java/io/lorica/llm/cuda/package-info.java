/// Kernels of our own for NVIDIA GPUs: CUDA C++ from this package's resources, compiled at start by NVRTC and
/// launched through the driver's C interface. Knows no tensors: callers pass addresses of device memory and a
/// stream's handle, and own both. Where there is no CUDA nothing is loaded, and
/// [io.lorica.llm.cuda.Cuda#status()] says what is missing.
@NullMarked
package io.lorica.llm.cuda;

import org.jspecify.annotations.NullMarked;

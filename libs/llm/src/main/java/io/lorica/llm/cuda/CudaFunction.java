package io.lorica.llm.cuda;

/// One compiled kernel on its device.
///
/// @param device where it runs
/// @param name its name in the source
/// @param handle the driver's `CUfunction`
record CudaFunction(CudaDevice device, String name, long handle) {}

package io.lorica.llm.cuda;

/// One compiled kernel on its device.
///
/// @param device where it runs
/// @param name its name in the source
/// @param handle the driver's `CUfunction`
record CudaFunction(CudaDevice device, String name, long handle) {

    /// `CU_FUNC_ATTRIBUTE_…` of `cuda.h`.
    private static final int OWN_SHARED_BYTES = 1;

    private static final int MOST_DYNAMIC_SHARED_BYTES = 8;

    /// Allows launches with as much shared memory as the device has, and says how many bytes that is.
    int takeSharedMemory() {
        Driver driver = device.activated();
        int bytes = device.mostSharedBytes() - driver.intOf("cuFuncGetAttribute", OWN_SHARED_BYTES, handle);
        driver.call("cuFuncSetAttribute", handle, MOST_DYNAMIC_SHARED_BYTES, bytes);
        return bytes;
    }
}

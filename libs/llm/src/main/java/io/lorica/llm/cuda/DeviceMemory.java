package io.lorica.llm.cuda;

import java.lang.foreign.MemorySegment;

/// Memory of a device that libtorch knows nothing of, for what lives as long as a run: tables and states. The
/// closer must know that no stream uses it any more.
public final class DeviceMemory implements AutoCloseable {

    private final CudaDevice device;
    private final long address;
    private final long bytes;

    private DeviceMemory(CudaDevice device, long address, long bytes) {
        this.device = device;
        this.address = address;
        this.bytes = bytes;
    }

    /// Memory of undefined content.
    ///
    /// @throws CudaException with `CUDA_ERROR_OUT_OF_MEMORY` if there is not enough
    public static DeviceMemory allocate(CudaDevice device, long bytes) {
        return new DeviceMemory(device, device.activated().longOf("cuMemAlloc_v2", Math.max(1, bytes)), bytes);
    }

    /// Memory with a copy of what lies in native memory of the host.
    public static DeviceMemory of(CudaDevice device, MemorySegment values) {
        DeviceMemory memory = allocate(device, values.byteSize());
        memory.write(values);
        return memory;
    }

    /// Copies from the host, and waits for it.
    public void write(MemorySegment values) {
        requireSize(values);
        device.activated().call("cuMemcpyHtoD_v2", address, values, values.byteSize());
    }

    /// Copies to the host, after all that runs on the device's default stream, and waits for it.
    public void read(MemorySegment values) {
        requireSize(values);
        device.activated().call("cuMemcpyDtoH_v2", values, address, values.byteSize());
    }

    /// Where it begins.
    public long address() {
        return address;
    }

    public long bytes() {
        return bytes;
    }

    private void requireSize(MemorySegment values) {
        if (values.byteSize() > bytes) {
            throw new IllegalArgumentException(values.byteSize() + " bytes do not fit into " + bytes);
        }
    }

    @Override
    public void close() {
        device.activated().call("cuMemFree_v2", address);
    }
}

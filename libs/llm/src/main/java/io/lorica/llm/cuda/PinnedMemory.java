package io.lorica.llm.cuda;

import java.lang.foreign.MemorySegment;

/// Host memory that stays where it is, so that copies to and from a device run beside the computation. The
/// closer must know that no copy is under way.
public final class PinnedMemory implements AutoCloseable {

    private final CudaDevice device;
    private final MemorySegment segment;
    private final boolean own;

    private PinnedMemory(CudaDevice device, MemorySegment segment, boolean own) {
        this.device = device;
        this.segment = segment;
        this.own = own;
    }

    /// New memory of undefined content.
    public static PinnedMemory allocate(CudaDevice device, long bytes) {
        long address = device.activated().longOf("cuMemAllocHost_v2", bytes);
        return new PinnedMemory(device, MemorySegment.ofAddress(address).reinterpret(bytes), true);
    }

    /// Native memory of the caller, pinned until this is closed; it must live that long.
    public static PinnedMemory of(CudaDevice device, MemorySegment segment) {
        device.activated().call("cuMemHostRegister_v2", segment, segment.byteSize(), 0);
        return new PinnedMemory(device, segment, false);
    }

    /// The memory itself.
    public MemorySegment segment() {
        return segment;
    }

    /// Copies its beginning to the device in a stream's order, without waiting.
    ///
    /// @param target a device address
    public void copyTo(long stream, long target, long bytes) {
        device.activated().call("cuMemcpyHtoDAsync_v2", target, segment, bytes, stream);
    }

    /// Copies from the device to its beginning in a stream's order, without waiting.
    ///
    /// @param source a device address
    public void copyFrom(long stream, long source, long bytes) {
        device.activated().call("cuMemcpyDtoHAsync_v2", segment, source, bytes, stream);
    }

    @Override
    public void close() {
        device.activated().call(own ? "cuMemFreeHost" : "cuMemHostUnregister", segment);
    }
}

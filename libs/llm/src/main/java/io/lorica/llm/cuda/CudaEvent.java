package io.lorica.llm.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// A mark in a stream: to wait for, and to tell the time.
public final class CudaEvent implements AutoCloseable {

    private static final int TIMED = 0;

    private final CudaDevice device;
    private final long handle;

    private CudaEvent(CudaDevice device, long handle) {
        this.device = device;
        this.handle = handle;
    }

    public static CudaEvent open(CudaDevice device) {
        return new CudaEvent(device, device.activated().longOf("cuEventCreate", TIMED));
    }

    /// Puts the mark behind all that a stream was given so far.
    public void record(long stream) {
        device.activated().call("cuEventRecord", handle, stream);
    }

    /// Waits on the host until the stream has come to the mark.
    public void synchronize() {
        device.activated().call("cuEventSynchronize", handle);
    }

    /// Milliseconds of the device between two marks that the stream has passed.
    public float millisecondsUntil(CudaEvent later) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(ValueLayout.JAVA_FLOAT);
            device.activated().call("cuEventElapsedTime", out, handle, later.handle);
            return out.get(ValueLayout.JAVA_FLOAT, 0);
        }
    }

    long handle() {
        return handle;
    }

    @Override
    public void close() {
        device.activated().call("cuEventDestroy_v2", handle);
    }
}

package io.lorica.llm.cuda;

/// A queue of work on a device. Its handle is a `cudaStream_t` too.
public final class CudaStream implements AutoCloseable {

    /// The handle of the stream that libtorch uses unless told otherwise.
    public static final long DEFAULT = 0;

    /// `CU_STREAM_NON_BLOCKING`: does not wait for the default stream.
    private static final int NON_BLOCKING = 1;

    private final CudaDevice device;
    private final long handle;

    private CudaStream(CudaDevice device, long handle) {
        this.device = device;
        this.handle = handle;
    }

    /// A stream that runs beside all others.
    public static CudaStream open(CudaDevice device) {
        return new CudaStream(device, device.activated().longOf("cuStreamCreate", NON_BLOCKING));
    }

    public long handle() {
        return handle;
    }

    /// Lets what comes next wait for an event of another stream.
    public void await(CudaEvent event) {
        device.activated().call("cuStreamWaitEvent", handle, event.handle(), 0);
    }

    /// Waits on the host until all is done.
    public void synchronize() {
        device.activated().call("cuStreamSynchronize", handle);
    }

    @Override
    public void close() {
        device.activated().call("cuStreamDestroy_v2", handle);
    }
}

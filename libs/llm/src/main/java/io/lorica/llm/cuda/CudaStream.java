package io.lorica.llm.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

import org.jboss.logging.Logger;

/// A queue of work on a device. Its handle is a `cudaStream_t` too.
public final class CudaStream implements AutoCloseable {

    /// The handle of the stream that libtorch uses unless told otherwise.
    public static final long DEFAULT = 0;

    /// `CU_STREAM_CAPTURE_STATUS_ACTIVE`
    private static final int CAPTURING = 1;

    private static final Logger LOG = Logger.getLogger(CudaStream.class);
    private static final ThreadLocal<Long> CURRENT = ThreadLocal.withInitial(() -> DEFAULT);

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

    /// The handle of the stream that the calling thread gives its work to: the default one unless another
    /// is in [use][#use].
    public static long current() {
        return CURRENT.get();
    }

    /// Makes this the calling thread's stream until the use is closed, by the same thread.
    public Use use() {
        long before = CURRENT.get();
        CURRENT.set(handle);
        return () -> CURRENT.set(before);
    }

    /// A stream in use.
    public interface Use extends AutoCloseable {
        @Override
        void close();
    }

    /// Whether what it is given is being captured, and nothing has spoilt the capture.
    public boolean captures() {
        try (Arena arena = Arena.ofConfined()) {
            // The status is the second parameter here: the first is the stream.
            MemorySegment status = arena.allocate(ValueLayout.JAVA_INT);
            device.activated().call("cuStreamIsCapturing", handle, status);
            return status.get(ValueLayout.JAVA_INT, 0) == CAPTURING;
        }
    }

    /// Ends a capture that something has spoilt; that it ends badly is no news.
    public void abandonCapture() {
        try (Arena arena = Arena.ofConfined()) {
            device.activated().call("cuStreamEndCapture", handle, arena.allocate(ValueLayout.JAVA_LONG));
        } catch (CudaException invalid) {
            LOG.debugf("a capture was abandoned: %s", invalid.getMessage());
        }
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

package io.lorica.llm.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Work of a stream, written down once and started again with one call. Addresses and scalars are those of
/// the recording; what changes from run to run must lie in memory.
public final class CudaGraph implements AutoCloseable {

    /// `CU_STREAM_CAPTURE_MODE_THREAD_LOCAL`: other threads may meanwhile do what a recording may not.
    private static final int THREAD_LOCAL = 1;

    private final CudaDevice device;
    private final long executable;

    private CudaGraph(CudaDevice device, long executable) {
        this.device = device;
        this.executable = executable;
    }

    /// Records instead of running what this thread gives to a stream meanwhile.
    ///
    /// @param stream any but the default stream
    /// @param work gives its work to this stream; it must not allocate device memory nor wait
    public static CudaGraph record(CudaDevice device, long stream, Runnable work) {
        device.activated().call("cuStreamBeginCapture_v2", stream, THREAD_LOCAL);
        long graph = endAfter(device, stream, work);
        try {
            return new CudaGraph(device, device.activated().longOf("cuGraphInstantiateWithFlags", graph, 0L));
        } finally {
            device.activated().call("cuGraphDestroy", graph);
        }
    }

    private static long endAfter(CudaDevice device, long stream, Runnable work) {
        try {
            work.run();
        } catch (RuntimeException | Error failure) {
            abandon(device, stream, failure);
            throw failure;
        }
        return end(device, stream);
    }

    private static long end(CudaDevice device, long stream) {
        // The graph is the second parameter here: the first is the stream.
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(ValueLayout.JAVA_LONG);
            device.activated().call("cuStreamEndCapture", stream, out);
            return out.get(ValueLayout.JAVA_LONG, 0);
        }
    }

    /// A stream must not stay in its recording; that it ends badly is no news then.
    private static void abandon(CudaDevice device, long stream, Throwable failure) {
        try {
            device.activated().call("cuGraphDestroy", end(device, stream));
        } catch (CudaException invalid) {
            failure.addSuppressed(invalid);
        }
    }

    /// Starts the recorded work on a stream.
    public void launch(long stream) {
        device.activated().launchGraph(executable, stream);
    }

    @Override
    public void close() {
        device.activated().call("cuGraphExecDestroy", executable);
    }
}

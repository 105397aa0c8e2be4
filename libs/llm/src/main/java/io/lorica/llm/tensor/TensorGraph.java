package io.lorica.llm.tensor;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

import io.lorica.llm.cuda.CudaDevice;
import io.lorica.llm.cuda.CudaStream;
import org.jboss.logging.Logger;

/// Work on a GPU, captured once and started again with one call
/// (https://docs.nvidia.com/cuda/cuda-c-programming-guide/#cuda-graphs). Addresses and numbers are those of the
/// capture, so what changes from run to run lies in tensors that were there before, and so do results.
/// Belongs to one thread.
public final class TensorGraph implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(TensorGraph.class);

    private final MemorySegment graph;

    private TensorGraph(MemorySegment graph) {
        this.graph = graph;
    }

    /// The memory that the graphs of a run share, since only one of them runs at a time. It is free when the last
    /// of them is closed, and good for no other after that.
    public static final class Memory {

        private final MemorySegment pool;

        private Memory(MemorySegment pool) {
            this.pool = pool;
        }

        /// New memory.
        public static Memory open() {
            return new Memory(GraphShim.newPool(Arena.ofAuto()));
        }
    }

    /// Whether this process's libtorch has what it takes.
    public static boolean available() {
        try {
            GraphShim.load();
            return true;
        } catch (TensorException | LinkageError missing) {
            LOG.infof("there are no graphs: %s", missing.getMessage());
            return false;
        }
    }

    /// Captures instead of running what this thread gives to the device meanwhile. Others wait for their turn to
    /// capture, and may do everything else.
    ///
    /// @param work closes each tensor that it makes, waits for nothing, and takes no memory but libtorch's
    /// @throws TensorException if something in it cannot be captured
    public static TensorGraph capture(CudaDevice device, Memory memory, Runnable work) {
        MemorySegment graph = Arena.ofAuto().allocate(GraphShim.BYTES, 2 * Long.BYTES);
        synchronized (device) {
            onCaptureStream(device, () -> capture(graph, device.captureStream(), memory, work));
        }
        return new TensorGraph(graph);
    }

    /// Lets libtorch take the memory that it keeps for the products of the stream of captures, which would
    /// otherwise come out of the memory of the first graph.
    ///
    /// @param product multiplies matrices, in the type of the graphs
    public static void prepare(CudaDevice device, Runnable product) {
        synchronized (device) {
            onCaptureStream(device, product);
            device.captureStream().synchronize();
        }
    }

    private static void onCaptureStream(CudaDevice device, Runnable work) {
        CudaStream stream = device.captureStream();
        long guard = GraphShim.useStream(stream.handle(), device.index());
        try (CudaStream.Use use = stream.use()) {
            work.run();
        } finally {
            GraphShim.leaveStream(guard);
        }
    }

    private static void capture(MemorySegment graph, CudaStream stream, Memory memory, Runnable work) {
        GraphShim.construct(graph);
        GraphShim.begin(graph, memory.pool);
        try {
            work.run();
        } catch (RuntimeException | Error failure) {
            end(graph, stream);
            GraphShim.destroy(graph);
            throw failure;
        }
        if (!end(graph, stream)) {
            GraphShim.destroy(graph);
            throw new TensorException("the GPU refuses to capture something in a pass");
        }
    }

    /// Ends a capture.
    ///
    /// @return whether nothing has spoilt it
    private static boolean end(MemorySegment graph, CudaStream stream) {
        boolean good = stream.captures();
        if (good) {
            GraphShim.end(graph);
        } else {
            stream.abandonCapture();
        }
        return good;
    }

    /// Gives the captured work to the device.
    public void launch() {
        GraphShim.replay(graph);
    }

    /// The closer must know that the device is done with it.
    @Override
    public void close() {
        GraphShim.destroy(graph);
    }
}

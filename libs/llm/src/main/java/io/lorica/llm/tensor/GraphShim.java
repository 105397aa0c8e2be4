package io.lorica.llm.tensor;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/// `at::cuda::CUDAGraph` of libtorch 2.7.1 (`ATen/cuda/CUDAGraph.h`), which tells libtorch's allocator of a
/// capture: what is allocated meanwhile comes from a pool that nobody else gets memory from. An object is an
/// address; errors of these functions end the process, so callers make sure that there are none.
final class GraphShim {

    /// More than `sizeof(at::cuda::CUDAGraph)`.
    static final long BYTES = 4096;

    private static final String LIBRARY = "libtorch_cuda.so";
    /// `cudaStreamCaptureModeThreadLocal`: other threads may meanwhile do what a capture may not.
    private static final int THREAD_LOCAL = 1;

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    /// `MempoolId_t`, a `std::pair<unsigned long long, unsigned long long>`
    private static final MemoryLayout POOL = MemoryLayout.structLayout(LONG, LONG);

    /// `MempoolId_t at::cuda::graph_pool_handle()`
    private static final MethodHandle NEW_POOL;
    /// `at::cuda::CUDAGraph::CUDAGraph()`
    private static final MethodHandle CONSTRUCT;
    /// `void at::cuda::CUDAGraph::capture_begin(MempoolId_t, cudaStreamCaptureMode)`
    private static final MethodHandle BEGIN;
    /// `void at::cuda::CUDAGraph::capture_end()`
    private static final MethodHandle END;
    /// `void at::cuda::CUDAGraph::replay()`
    private static final MethodHandle REPLAY;
    /// `at::cuda::CUDAGraph::~CUDAGraph()`
    private static final MethodHandle DESTROY;
    /// `int aoti_torch_create_cuda_stream_guard(void* stream, int32_t device, CUDAStreamGuardHandle* out)`
    private static final MethodHandle USE_STREAM;
    /// `int aoti_torch_delete_cuda_stream_guard(CUDAStreamGuardHandle)`
    private static final MethodHandle LEAVE_STREAM;

    static {
        SymbolLookup library =
                LibTorch.loaded(LIBRARY).orElseThrow(() -> new TensorException(LIBRARY + " is not loaded"));
        FunctionDescriptor method = FunctionDescriptor.ofVoid(LONG);
        NEW_POOL = LibTorch.function(library, "_ZN2at4cuda17graph_pool_handleEv", FunctionDescriptor.of(POOL));
        CONSTRUCT = LibTorch.function(library, "_ZN2at4cuda9CUDAGraphC1Ev", method);
        BEGIN = LibTorch.function(
                library,
                "_ZN2at4cuda9CUDAGraph13capture_beginESt4pairIyyE21cudaStreamCaptureMode",
                FunctionDescriptor.ofVoid(LONG, POOL, INT));
        END = LibTorch.function(library, "_ZN2at4cuda9CUDAGraph11capture_endEv", method);
        REPLAY = LibTorch.function(library, "_ZN2at4cuda9CUDAGraph6replayEv", method);
        DESTROY = LibTorch.function(library, "_ZN2at4cuda9CUDAGraphD1Ev", method);
        USE_STREAM = LibTorch.function(
                library,
                "aoti_torch_create_cuda_stream_guard",
                FunctionDescriptor.of(INT, LONG, INT, ValueLayout.ADDRESS));
        LEAVE_STREAM =
                LibTorch.function(library, "aoti_torch_delete_cuda_stream_guard", FunctionDescriptor.of(INT, LONG));
    }

    private GraphShim() {}

    /// Looks for all functions.
    ///
    /// @throws LinkageError if libtorch is another one
    static void load() {
        // Done when the class is.
    }

    /// The name of a new pool of memory, which lives as long as a graph that was captured with it.
    static MemorySegment newPool(SegmentAllocator allocator) {
        try {
            return (MemorySegment) NEW_POOL.invokeExact(allocator);
        } catch (Throwable e) {
            throw LibTorch.rethrow(e);
        }
    }

    static void construct(MemorySegment graph) {
        call(CONSTRUCT, graph);
    }

    /// Begins to capture what the calling thread gives to its stream, which is not the default one.
    static void begin(MemorySegment graph, MemorySegment pool) {
        try {
            BEGIN.invokeExact(graph.address(), pool, THREAD_LOCAL);
        } catch (Throwable e) {
            throw LibTorch.rethrow(e);
        }
    }

    /// Ends a capture that nothing has spoilt.
    static void end(MemorySegment graph) {
        call(END, graph);
    }

    /// Gives what was captured to the calling thread's stream.
    static void replay(MemorySegment graph) {
        call(REPLAY, graph);
    }

    static void destroy(MemorySegment graph) {
        call(DESTROY, graph);
    }

    /// Makes a stream libtorch's for the calling thread.
    ///
    /// @return what [#leaveStream] takes
    static long useStream(long stream, int device) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(LONG);
            LibTorch.check((int) USE_STREAM.invokeExact(stream, device, out), "create_cuda_stream_guard");
            return out.get(LONG, 0);
        } catch (Throwable e) {
            throw LibTorch.rethrow(e);
        }
    }

    static void leaveStream(long guard) {
        try {
            LibTorch.check((int) LEAVE_STREAM.invokeExact(guard), "delete_cuda_stream_guard");
        } catch (Throwable e) {
            throw LibTorch.rethrow(e);
        }
    }

    private static void call(MethodHandle method, MemorySegment graph) {
        try {
            method.invokeExact(graph.address());
        } catch (Throwable e) {
            throw LibTorch.rethrow(e);
        }
    }
}

package io.lorica.llm.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

import org.jspecify.annotations.Nullable;

/// One GPU, in the context that libtorch uses too (the primary one): memory and streams of either are good
/// for both. Thread-safe; every call makes the context the calling thread's own.
public final class CudaDevice {

    /// `CU_DEVICE_ATTRIBUTE_…` of `cuda.h`.
    private static final int MULTIPROCESSORS = 16;

    private static final int MOST_SHARED_BYTES = 97;

    private static final int CAPABILITY_MAJOR = 75;
    private static final int CAPABILITY_MINOR = 76;
    private static final int NAME_BYTES = 256;

    private static final ThreadLocal<MemorySegment> CELL =
            ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(ValueLayout.JAVA_LONG));

    private final Driver driver;
    private final int handle;
    private final int index;
    private final long context;
    private final Kernels kernels;
    private @Nullable CudaStream captureStream;

    CudaDevice(Driver driver, Nvrtc nvrtc, int index) {
        this.driver = driver;
        this.index = index;
        this.handle = driver.intOf("cuDeviceGet", index);
        this.context = driver.longOf("cuDevicePrimaryCtxRetain", handle);
        this.kernels = new Kernels(this, nvrtc, KernelCache.ofProcess());
    }

    /// The device's kernels.
    public Kernels kernels() {
        return kernels;
    }

    /// The stream that work is given to in order to be captured, opened at first use and one for all: libtorch
    /// keeps memory for the products of each stream.
    public synchronized CudaStream captureStream() {
        CudaStream open = captureStream;
        if (open == null) {
            open = CudaStream.open(this);
            captureStream = open;
        }
        return open;
    }

    /// Its number.
    public int index() {
        return index;
    }

    /// Such as `NVIDIA H200`.
    public String name() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(NAME_BYTES);
            driver.call("cuDeviceGetName", out, NAME_BYTES, handle);
            return out.getString(0);
        }
    }

    /// The compute capability without its dot, 90 for 9.0.
    public int architecture() {
        return 10 * attribute(CAPABILITY_MAJOR) + attribute(CAPABILITY_MINOR);
    }

    /// How many multiprocessors it has.
    public int multiprocessors() {
        return attribute(MULTIPROCESSORS);
    }

    /// How many bytes of shared memory one block of threads may have where its kernel asks for more than
    /// usual.
    int mostSharedBytes() {
        return attribute(MOST_SHARED_BYTES);
    }

    /// The device's memory in bytes, of all processes together.
    ///
    /// @param free what nobody has taken
    /// @param total all of it
    public record Memory(long free, long total) {}

    /// How much memory is free at this moment.
    public Memory memory() {
        activate();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(ValueLayout.JAVA_LONG, 2);
            driver.call("cuMemGetInfo_v2", out, out.asSlice(ValueLayout.JAVA_LONG.byteSize()));
            return new Memory(out.get(ValueLayout.JAVA_LONG, 0), out.getAtIndex(ValueLayout.JAVA_LONG, 1));
        }
    }

    /// Waits until all streams have done what they were given.
    public void synchronize() {
        activated().call("cuCtxSynchronize");
    }

    /// The driver, ready for calls on this device from this thread.
    Driver activated() {
        activate();
        return driver;
    }

    private void activate() {
        if (driver.currentContext(CELL.get()) != context) {
            driver.call("cuCtxSetCurrent", context);
        }
    }

    private int attribute(int attribute) {
        return driver.intOf("cuDeviceGetAttribute", attribute, handle);
    }

    @Override
    public String toString() {
        return "cuda:" + index;
    }
}

package io.lorica.llm.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/// The CUDA driver's C interface (`cuda.h`), initialised. Handles and device addresses are `long`s.
/// Thread-safe, as the driver is.
final class Driver {

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

    private final NativeLibrary library;
    /// `cuLaunchKernel(f, gridX, gridY, gridZ, blockX, blockY, blockZ, sharedBytes, stream, params, extra)`
    private final MethodHandle launch;
    /// `cuCtxGetCurrent(CUcontext*)`
    private final MethodHandle currentContext;

    private Driver(NativeLibrary library) {
        this.library = library;
        this.launch = library.function(
                "cuLaunchKernel",
                LONG,
                INT,
                INT,
                INT,
                INT,
                INT,
                INT,
                INT,
                LONG,
                ValueLayout.ADDRESS,
                ValueLayout.ADDRESS);
        this.currentContext = library.function("cuCtxGetCurrent", ValueLayout.ADDRESS);
    }

    /// The driver of this machine, where there is one.
    ///
    /// @throws CudaException if there is one that does not start
    static Optional<Driver> load() {
        return NativeLibrary.open("libcuda.so.1").map(library -> {
            Driver driver = new Driver(library);
            driver.call("cuInit", 0);
            return driver;
        });
    }

    /// Calls a function and checks what it returns.
    void call(String function, Object... arguments) {
        check(library.call(function, arguments), function);
    }

    /// Calls a function whose first parameter is where it writes a number or handle of 64 bits.
    long longOf(String function, Object... arguments) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(LONG);
            call(function, withOut(out, arguments));
            return out.get(LONG, 0);
        }
    }

    /// Calls a function whose first parameter is where it writes a number of 32 bits.
    int intOf(String function, Object... arguments) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(INT);
            call(function, withOut(out, arguments));
            return out.get(INT, 0);
        }
    }

    /// Starts a kernel on a one-dimensional grid.
    ///
    /// @param parameters addresses of the arguments
    void launch(
            CudaFunction function, int blocks, int threads, int sharedBytes, long stream, MemorySegment parameters) {
        try {
            int status = (int) launch.invokeExact(
                    function.handle(),
                    blocks,
                    1,
                    1,
                    threads,
                    1,
                    1,
                    sharedBytes,
                    stream,
                    parameters,
                    MemorySegment.NULL);
            check(status, function.name());
        } catch (Throwable thrown) {
            throw CudaException.of(thrown);
        }
    }

    /// The context of the calling thread, 0 if it has none.
    ///
    /// @param out 64 bits to work with
    long currentContext(MemorySegment out) {
        try {
            check((int) currentContext.invokeExact(out), "cuCtxGetCurrent");
            return out.get(LONG, 0);
        } catch (Throwable thrown) {
            throw CudaException.of(thrown);
        }
    }

    /// The newest CUDA that the driver serves, 13000 for 13.0.
    int version() {
        return intOf("cuDriverGetVersion");
    }

    private void check(int status, String call) {
        if (status != 0) {
            throw new CudaException(
                    call + " failed: " + text("cuGetErrorName", status) + ", " + text("cuGetErrorString", status));
        }
    }

    private String text(String function, int status) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(ValueLayout.ADDRESS);
            return library.call(function, status, out) == 0
                    ? out.get(ValueLayout.ADDRESS, 0).reinterpret(256).getString(0)
                    : "error " + status;
        }
    }

    private static Object[] withOut(MemorySegment out, Object... arguments) {
        Object[] all = new Object[arguments.length + 1];
        all[0] = out;
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        return all;
    }
}

package io.lorica.llm.tensor;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/// How full the GPU's memory is, by the driver's own count (`cuMemGetInfo`). libtorch keeps what it once reserved, so
/// what
/// is taken after a step is the peak of the steps before.
public final class DeviceMemory {

    private static final String LIBRARY = "libcuda.so.1";

    private DeviceMemory() {}

    /// A moment's state.
    ///
    /// @param free bytes that nobody has taken
    /// @param total bytes of the device
    public record State(long free, long total) {

        /// Bytes that are taken, by whomever.
        public long taken() {
            return total - free;
        }
    }

    /// The state of the process's GPU.
    ///
    /// @throws TensorException when the process computes on the CPU
    public static State now() {
        if (!TensorDevice.current().gpu()) {
            throw new TensorException("the process computes on the CPU, which has no memory of its own");
        }
        try (Arena arena = Arena.ofConfined()) {
            MethodHandle query = Linker.nativeLinker()
                    .downcallHandle(
                            SymbolLookup.libraryLookup(LIBRARY, arena).findOrThrow("cuMemGetInfo_v2"),
                            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS));
            MemorySegment free = arena.allocate(ValueLayout.JAVA_LONG);
            MemorySegment total = arena.allocate(ValueLayout.JAVA_LONG);
            int status = (int) query.invokeExact(free, total);
            if (status != 0) {
                throw new TensorException("the driver does not tell its memory: error " + status);
            }
            return new State(free.get(ValueLayout.JAVA_LONG, 0), total.get(ValueLayout.JAVA_LONG, 0));
        } catch (Throwable e) {
            throw LibTorch.rethrow(e);
        }
    }
}

package io.lorica.llm.tensor;

import java.lang.foreign.MemorySegment;

/// libtorch's promise to sum in the same order every time. While it is on, libtorch refuses operations that
/// cannot keep it, so it is switched on for single calls only.
final class Determinism implements AutoCloseable {

    private final boolean before;

    private Determinism(boolean wanted) {
        try {
            MemorySegment context = (MemorySegment) LibTorch.GLOBAL_CONTEXT.invokeExact();
            before = (boolean) LibTorch.IS_DETERMINISTIC.invokeExact(context);
            set(context, wanted);
        } catch (Throwable e) {
            throw LibTorch.rethrow(e);
        }
    }

    /// Given or not given, until closed.
    static Determinism of(boolean wanted) {
        return new Determinism(wanted);
    }

    @Override
    public void close() {
        try {
            set((MemorySegment) LibTorch.GLOBAL_CONTEXT.invokeExact(), before);
        } catch (Throwable e) {
            throw LibTorch.rethrow(e);
        }
    }

    private static void set(MemorySegment context, boolean on) throws Throwable {
        boolean onlyWarn = false;
        LibTorch.SET_DETERMINISTIC.invokeExact(context, on, onlyWarn);
    }
}

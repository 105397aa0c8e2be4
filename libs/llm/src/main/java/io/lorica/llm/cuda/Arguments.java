package io.lorica.llm.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// The arguments of one launch, in the order of the kernel's parameters. Each thread has one and uses it
/// again and again, so that a launch allocates nothing; the driver copies the values before the launch
/// returns.
final class Arguments {

    private static final int MOST = 24;
    private static final long SLOT = ValueLayout.JAVA_LONG.byteSize();

    private static final ThreadLocal<Arguments> OF_THREAD = ThreadLocal.withInitial(Arguments::new);

    private final MemorySegment values;
    private final MemorySegment addresses;
    private int slots;
    private int count;

    private Arguments() {
        Arena arena = Arena.ofAuto();
        values = arena.allocate(ValueLayout.JAVA_LONG, MOST);
        addresses = arena.allocate(ValueLayout.ADDRESS, MOST);
    }

    /// The thread's own, empty.
    static Arguments begin() {
        Arguments arguments = OF_THREAD.get();
        arguments.slots = 0;
        arguments.count = 0;
        return arguments;
    }

    /// A device address, a handle or an `i64`.
    Arguments add(long value) {
        values.setAtIndex(ValueLayout.JAVA_LONG, next(1), value);
        return this;
    }

    /// A structure of an address and a stride.
    Arguments add(Rows rows) {
        int slot = next(2);
        values.setAtIndex(ValueLayout.JAVA_LONG, slot, rows.address());
        values.setAtIndex(ValueLayout.JAVA_LONG, slot + 1L, rows.stride());
        return this;
    }

    Arguments addInt(int value) {
        values.set(ValueLayout.JAVA_INT, SLOT * next(1), value);
        return this;
    }

    Arguments addFloat(double value) {
        values.set(ValueLayout.JAVA_FLOAT, SLOT * next(1), (float) value);
        return this;
    }

    /// Starts the kernel on a stream. A grid without blocks is nothing to do.
    void launch(CudaFunction function, long stream, long blocks, int threads) {
        launch(function, stream, blocks, threads, 0);
    }

    /// Starts it with shared memory beside what the source declares.
    void launch(CudaFunction function, long stream, long blocks, int threads, int sharedBytes) {
        if (blocks > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(function.name() + " on " + blocks + " blocks is more than a GPU takes");
        }
        if (blocks > 0) {
            function.device().activated().launch(function, (int) blocks, threads, sharedBytes, stream, addresses);
        }
    }

    /// Takes slots for one argument.
    private int next(int taken) {
        int slot = slots;
        addresses.setAtIndex(ValueLayout.JAVA_LONG, count++, values.address() + SLOT * slot);
        slots += taken;
        return slot;
    }
}

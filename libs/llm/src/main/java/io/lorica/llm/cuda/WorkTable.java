package io.lorica.llm.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.function.BiConsumer;

/// What one launch works on, listed in device memory once: members, and for each block of threads a part of one. The
/// closer must know that nothing uses it any more.
///
/// @param members as the kernel's `Member` lies in memory
/// @param parts four numbers of 32 bits each, as the kernel's `Part`
/// @param count how many parts there are
record WorkTable(DeviceMemory members, DeviceMemory parts, int count) implements AutoCloseable {

    private static final int NUMBERS_OF_PART = 4;
    private static final long PART_BYTES = (long) NUMBERS_OF_PART * Integer.BYTES;

    /// Lists members and parts in a device's memory.
    ///
    /// @param memberBytes what one member takes
    /// @param writer writes one to where it lies
    /// @param parts the member's index and three numbers that the kernel understands
    static <M> WorkTable of(
            CudaDevice device,
            List<M> members,
            long memberBytes,
            BiConsumer<MemorySegment, M> writer,
            List<int[]> parts) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment list = arena.allocate(memberBytes * members.size(), Long.BYTES);
            for (int i = 0; i < members.size(); i++) {
                writer.accept(list.asSlice(memberBytes * i, memberBytes), members.get(i));
            }
            MemorySegment work = arena.allocate(PART_BYTES * parts.size(), Long.BYTES);
            for (int i = 0; i < parts.size(); i++) {
                MemorySegment.copy(parts.get(i), 0, work, ValueLayout.JAVA_INT, PART_BYTES * i, NUMBERS_OF_PART);
            }
            return new WorkTable(DeviceMemory.of(device, list), DeviceMemory.of(device, work), parts.size());
        }
    }

    /// The first arguments of a launch on it.
    Arguments begin() {
        return Arguments.begin().add(members.address()).add(parts.address());
    }

    @Override
    public void close() {
        members.close();
        parts.close();
    }
}

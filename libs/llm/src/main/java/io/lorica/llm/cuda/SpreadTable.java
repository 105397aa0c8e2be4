package io.lorica.llm.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/// Float32 matrices and where they go, listed in device memory once. The closer must know that nothing uses it any
/// more.
public final class SpreadTable implements AutoCloseable {

    private static final long MEMBER_BYTES = 40;
    private static final long PART_BYTES = 16;
    private static final int ELEMENTS_OF_PART = 8_192;
    private static final int FOUR = 4;
    private static final int ALIGNMENT = 16;

    private final DeviceMemory members;
    private final DeviceMemory parts;
    private final int count;

    /// One matrix.
    ///
    /// @param from float32 `(rows, columns)` without gaps
    /// @param to where it goes, in the model's type
    /// @param factor what its values are multiplied with
    public record Member(long from, Rows to, int rows, int columns, double factor) {

        private int rowsOfPart() {
            return Math.max(1, ELEMENTS_OF_PART / columns);
        }

        private boolean fours() {
            return columns % FOUR == 0
                    && to.stride() % FOUR == 0
                    && from % ALIGNMENT == 0
                    && to.address() % ALIGNMENT == 0;
        }
    }

    private SpreadTable(DeviceMemory members, DeviceMemory parts, int count) {
        this.members = members;
        this.parts = parts;
        this.count = count;
    }

    /// Lists the matrices in a device's memory.
    public static SpreadTable of(CudaDevice device, List<Member> matrices) {
        List<int[]> work = new ArrayList<>();
        for (int i = 0; i < matrices.size(); i++) {
            Member member = matrices.get(i);
            for (int first = 0; first < member.rows(); first += member.rowsOfPart()) {
                work.add(new int[] {i, first, Math.min(member.rowsOfPart(), member.rows() - first), 0});
            }
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment list = arena.allocate(MEMBER_BYTES * matrices.size(), Long.BYTES);
            for (int i = 0; i < matrices.size(); i++) {
                write(list.asSlice(MEMBER_BYTES * i, MEMBER_BYTES), matrices.get(i));
            }
            MemorySegment parts = arena.allocate(PART_BYTES * work.size(), Long.BYTES);
            for (int i = 0; i < work.size(); i++) {
                MemorySegment.copy(work.get(i), 0, parts, ValueLayout.JAVA_INT, PART_BYTES * i, FOUR);
            }
            return new SpreadTable(DeviceMemory.of(device, list), DeviceMemory.of(device, parts), work.size());
        }
    }

    /// As the kernel's `Member` lies in memory.
    private static void write(MemorySegment to, Member member) {
        to.setAtIndex(ValueLayout.JAVA_LONG, 0, member.from());
        to.setAtIndex(ValueLayout.JAVA_LONG, 1, member.to().address());
        to.setAtIndex(ValueLayout.JAVA_LONG, 2, member.to().stride());
        to.setAtIndex(ValueLayout.JAVA_INT, 6, member.rows());
        to.setAtIndex(ValueLayout.JAVA_INT, 7, member.columns());
        to.setAtIndex(ValueLayout.JAVA_FLOAT, 8, (float) member.factor());
        to.setAtIndex(ValueLayout.JAVA_INT, 9, member.fours() ? 1 : 0);
    }

    long members() {
        return members.address();
    }

    long parts() {
        return parts.address();
    }

    int count() {
        return count;
    }

    @Override
    public void close() {
        members.close();
        parts.close();
    }
}

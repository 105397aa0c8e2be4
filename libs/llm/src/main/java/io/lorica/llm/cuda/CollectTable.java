package io.lorica.llm.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// The adapters of one joined matrix and where their gradients are, listed in device memory once. The closer
/// must know that nothing uses it any more.
public final class CollectTable implements AutoCloseable {

    /// Rows of B that one block of threads takes; `ROWS_OF_B` of the source.
    static final int ROWS_OF_B = 512;

    private static final long MEMBER_BYTES = 40;
    private static final long PART_BYTES = 16;
    private static final int NO_ROW = -1;

    private final DeviceMemory members;
    private final DeviceMemory parts;
    private final int count;

    /// One adapter of the group.
    ///
    /// @param gradientA float32 `(rank, inputs)`, added to
    /// @param gradientB float32 `(outputs, rank)`, added to
    /// @param column where its columns begin among those of the group
    /// @param rank its columns
    /// @param output where its outputs begin among those of the group
    /// @param outputs its outputs
    /// @param inputs inputs of the matrix
    /// @param scale what B is multiplied with in the forward pass
    public record Member(
            long gradientA, long gradientB, int column, int rank, int output, int outputs, int inputs, double scale) {}

    /// What one block of threads does.
    private record Part(int member, int rowOfA, int firstOfB) {}

    private CollectTable(DeviceMemory members, DeviceMemory parts, int count) {
        this.members = members;
        this.parts = parts;
        this.count = count;
    }

    /// Lists the adapters in a device's memory.
    public static CollectTable of(CudaDevice device, List<Member> adapters) {
        List<Part> parts = new ArrayList<>();
        for (int i = 0; i < adapters.size(); i++) {
            parts(i, adapters.get(i)).forEach(parts::add);
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment list = arena.allocate(MEMBER_BYTES * adapters.size(), Long.BYTES);
            for (int i = 0; i < adapters.size(); i++) {
                write(list.asSlice(MEMBER_BYTES * i, MEMBER_BYTES), adapters.get(i));
            }
            MemorySegment work = arena.allocate(PART_BYTES * parts.size(), Long.BYTES);
            for (int i = 0; i < parts.size(); i++) {
                Part part = parts.get(i);
                int[] values = {part.member(), part.rowOfA(), part.firstOfB(), 0};
                MemorySegment.copy(values, 0, work, ValueLayout.JAVA_INT, PART_BYTES * i, values.length);
            }
            return new CollectTable(DeviceMemory.of(device, list), DeviceMemory.of(device, work), parts.size());
        }
    }

    private static Stream<Part> parts(int index, Member member) {
        Stream<Part> ofA = IntStream.range(0, member.rank()).mapToObj(row -> new Part(index, row, 0));
        Stream<Part> ofB = IntStream.iterate(0, first -> first < member.outputs(), first -> first + ROWS_OF_B)
                .mapToObj(first -> new Part(index, NO_ROW, first));
        return Stream.concat(ofA, ofB);
    }

    /// As the kernel's `Member` lies in memory.
    private static void write(MemorySegment to, Member member) {
        to.setAtIndex(ValueLayout.JAVA_LONG, 0, member.gradientA());
        to.setAtIndex(ValueLayout.JAVA_LONG, 1, member.gradientB());
        int[] numbers = {member.column(), member.rank(), member.output(), member.outputs(), member.inputs()};
        MemorySegment.copy(numbers, 0, to, ValueLayout.JAVA_INT, 2L * Long.BYTES, numbers.length);
        to.setAtIndex(ValueLayout.JAVA_FLOAT, 9, (float) member.scale());
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

package io.lorica.llm.cuda;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// Float32 matrices and where they go, listed in device memory once. The closer must know that nothing uses it.
public final class SpreadTable implements AutoCloseable {

    private static final long MEMBER_BYTES = 40;
    private static final int ELEMENTS_OF_PART = 8_192;
    private static final int FOUR = 4;
    private static final int ALIGNMENT = 16;

    private final WorkTable table;

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

    private SpreadTable(WorkTable table) {
        this.table = table;
    }

    /// Lists the matrices in a device's memory.
    public static SpreadTable of(CudaDevice device, List<Member> matrices) {
        List<int[]> parts = IntStream.range(0, matrices.size())
                .boxed()
                .flatMap(index -> parts(index, matrices.get(index)))
                .toList();
        return new SpreadTable(WorkTable.of(device, matrices, MEMBER_BYTES, SpreadTable::write, parts));
    }

    /// Some rows for each block of threads.
    private static Stream<int[]> parts(int index, Member member) {
        int atOnce = member.rowsOfPart();
        return IntStream.iterate(0, first -> first < member.rows(), first -> first + atOnce)
                .mapToObj(first -> new int[] {index, first, Math.min(atOnce, member.rows() - first), 0});
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

    WorkTable table() {
        return table;
    }

    @Override
    public void close() {
        table.close();
    }
}

package io.lorica.llm.cuda;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// The adapters of one joined matrix and where their gradients are, listed in device memory once. The closer
/// must know that nothing uses it any more.
public final class CollectTable implements AutoCloseable {

    /// Columns of a row of A that one block of threads takes; `COLUMNS_OF_A` of the source.
    static final int COLUMNS_OF_A = 4096;

    /// Rows of B that one block of threads takes; `ROWS_OF_B` of the source.
    static final int ROWS_OF_B = 64;

    private static final long MEMBER_BYTES = 40;
    private static final int NO_ROW = -1;

    private final WorkTable table;

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

    private CollectTable(WorkTable table) {
        this.table = table;
    }

    /// Lists the adapters in a device's memory.
    public static CollectTable of(CudaDevice device, List<Member> adapters) {
        List<int[]> parts = IntStream.range(0, adapters.size())
                .boxed()
                .flatMap(index -> parts(index, adapters.get(index)))
                .toList();
        return new CollectTable(WorkTable.of(device, adapters, MEMBER_BYTES, CollectTable::write, parts));
    }

    /// A stretch of a row of A, or some rows of B, for each block of threads.
    private static Stream<int[]> parts(int index, Member member) {
        Stream<int[]> ofA = IntStream.range(0, member.rank())
                .boxed()
                .flatMap(row ->
                        firsts(member.inputs(), COLUMNS_OF_A).mapToObj(first -> new int[] {index, row, first, 0}));
        Stream<int[]> ofB = firsts(member.outputs(), ROWS_OF_B).mapToObj(first -> new int[] {index, NO_ROW, first, 0});
        return Stream.concat(ofA, ofB);
    }

    private static IntStream firsts(int all, int atOnce) {
        return IntStream.iterate(0, first -> first < all, first -> first + atOnce);
    }

    /// As the kernel's `Member` lies in memory.
    private static void write(MemorySegment to, Member member) {
        to.setAtIndex(ValueLayout.JAVA_LONG, 0, member.gradientA());
        to.setAtIndex(ValueLayout.JAVA_LONG, 1, member.gradientB());
        int[] numbers = {member.column(), member.rank(), member.output(), member.outputs(), member.inputs()};
        MemorySegment.copy(numbers, 0, to, ValueLayout.JAVA_INT, 2L * Long.BYTES, numbers.length);
        to.setAtIndex(ValueLayout.JAVA_FLOAT, 9, (float) member.scale());
    }

    WorkTable table() {
        return table;
    }

    @Override
    public void close() {
        table.close();
    }
}

package io.lorica.llm.cuda;

/// Rows of a matrix to and from positions: the hidden states that are learned from, or embeddings of tokens.
public final class RowKernel {

    private static final String SOURCE = "move_rows.cu";
    private static final int WARP = 32;
    private static final int MOST_THREADS = 256;

    private final int width;
    private final TwoAccesses gather;
    private final TwoAccesses scatter;

    /// @param width elements of a row
    public RowKernel(Kernels kernels, Precision precision, int width) {
        this.width = width;
        this.gather = TwoAccesses.of(kernels, SOURCE, precision, "gather_rows");
        this.scatter = TwoAccesses.of(kernels, SOURCE, precision, "scatter_rows");
    }

    /// to\[i\] ← from\[position(i)\].
    ///
    /// @param positions int64 `(rows)`; 0 for rows in their order
    public void gather(long stream, long rows, Rows from, long positions, Rows to) {
        launch(gather.at(width, from, to), stream, rows, from, positions, to);
    }

    /// to\[position(i)\] ← from\[i\]; the other rows stay. No position may come twice.
    ///
    /// @param positions int64 `(rows)`
    public void scatter(long stream, long rows, Rows from, long positions, Rows to) {
        launch(scatter.at(width, from, to), stream, rows, from, positions, to);
    }

    /// to\[i\] ← from\[i\], between matrices of different strides.
    public void copy(long stream, long rows, Rows from, Rows to) {
        gather(stream, rows, from, 0, to);
    }

    private void launch(TwoAccesses.Choice choice, long stream, long rows, Rows from, long positions, Rows to) {
        int packs = Math.ceilDiv(width, choice.lanes());
        Arguments.begin()
                .add(from)
                .add(positions)
                .add(to)
                .addInt(width)
                .launch(choice.function(), stream, rows, Math.min(MOST_THREADS, Math.ceilDiv(packs, WARP) * WARP));
    }
}

package io.lorica.llm.cuda;

/// Rotary positions on the heads at the front of each token's row, such as queries and keys of a
/// joined projection `(T, (H + 2K) · D)`. Pair i of a head is its elements i and i + D/2.
public final class RotaryKernel {

    private static final int WARP = 32;
    private static final int MOST_THREADS = 512;

    private final int half;
    private final TwoAccesses rotate;

    /// @param headWidth D, an even number
    public RotaryKernel(Kernels kernels, Precision precision, int headWidth) {
        if (headWidth % 2 != 0) {
            throw new IllegalArgumentException("heads of " + headWidth + " elements are not made of pairs");
        }
        this.half = headWidth / 2;
        this.rotate = TwoAccesses.of(kernels, "rotary.cu", precision, "rotary");
    }

    /// Turns the heads on their way from one matrix to another.
    ///
    /// @param tokens T
    /// @param heads how many heads of a row turn, H + K for queries and keys together
    /// @param from a row for each token
    /// @param to where the turned heads go, and nothing else; may be from
    /// @param positions int64 `(T)`, the row of the angles for each token; 0 where token t has row t
    /// @param cosines float32 `(P, D/2)`
    /// @param sines float32 `(P, D/2)`
    public void forward(
            long stream, long tokens, int heads, Rows from, Rows to, long positions, long cosines, long sines) {
        launch(stream, tokens, heads, from, to, positions, cosines, sines, 1);
    }

    /// Turns gradients of turned heads back on their way from one matrix to another.
    public void backward(
            long stream, long tokens, int heads, Rows from, Rows to, long positions, long cosines, long sines) {
        launch(stream, tokens, heads, from, to, positions, cosines, sines, -1);
    }

    private void launch(
            long stream,
            long tokens,
            int heads,
            Rows from,
            Rows to,
            long positions,
            long cosines,
            long sines,
            int direction) {
        TwoAccesses.Choice choice = rotate.at(half, from, to);
        int items = heads * half / choice.lanes();
        Arguments.begin()
                .add(from)
                .add(to)
                .add(positions)
                .add(cosines)
                .add(sines)
                .addInt(heads)
                .addInt(half)
                .addFloat(direction)
                .launch(choice.function(), stream, tokens, Math.min(MOST_THREADS, Math.ceilDiv(items, WARP) * WARP));
    }
}

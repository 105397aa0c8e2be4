package io.lorica.llm.cuda;

/// SwiGLU, y = silu(gate) · up, on joined outputs of gate and up projection, `(N, 2 · I)`: the gate in the
/// first half of each row.
public final class SwiGluKernel {

    private static final String SOURCE = "swi_glu.cu";
    private static final int THREADS = 256;
    private static final long MOST_PACKS = 1L << 32;

    private final int width;
    private final TwoAccesses forward;
    private final TwoAccesses backward;

    /// @param width I, the elements of a gate
    public SwiGluKernel(Kernels kernels, Precision precision, int width) {
        this.width = width;
        this.forward = TwoAccesses.of(kernels, SOURCE, precision, "swi_glu");
        this.backward = TwoAccesses.of(kernels, SOURCE, precision, "swi_glu_backward");
    }

    /// y ← silu(gate) · up.
    ///
    /// @param rows N
    /// @param y `(N, I)`
    public void forward(long stream, long rows, Rows joined, Rows y) {
        launch(
                forward.at(width, joined, y),
                stream,
                rows,
                Arguments.begin().add(joined).add(y));
    }

    /// The gradients of gate and up.
    ///
    /// @param dy the gradient of y, `(N, I)`
    /// @param gradients `(N, 2 · I)`, may be joined
    /// @param y gets silu(gate) · up once more, `(N, I)`, for whoever kept only gate and up; it may be dy, or
    /// [Rows#NONE] if nobody wants it
    public void backward(long stream, long rows, Rows joined, Rows dy, Rows gradients, Rows y) {
        launch(
                backward.at(width, joined, dy, gradients, y),
                stream,
                rows,
                Arguments.begin().add(joined).add(dy).add(gradients).add(y));
    }

    private void launch(TwoAccesses.Choice choice, long stream, long rows, Arguments arguments) {
        long packs = rows * (width / choice.lanes());
        if (choice.lanes() > 1 && packs >= MOST_PACKS) {
            throw new IllegalArgumentException(
                    "SwiGLU of " + rows + " rows of " + width + " is too much for one launch");
        }
        arguments.add(rows).addInt(width).launch(choice.function(), stream, Math.ceilDiv(packs, THREADS), THREADS);
    }
}

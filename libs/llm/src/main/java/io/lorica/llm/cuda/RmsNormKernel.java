package io.lorica.llm.cuda;

/// RMSNorm, y = x / √(mean(x²) + ε) · g, alone or after the sum of a residual stream, and its gradient for x.
/// The gain g is frozen and stored as the rows are. Rows are contiguous, `(rows, width)`.
public final class RmsNormKernel {

    private static final String SOURCE = "rms_norm.cu";
    private static final int WARP = 32;
    private static final int MOST_THREADS = 512;
    /// Packs that each thread keeps in registers; `KEEP` of the source.
    private static final int KEPT = 2;

    private final int width;
    private final double epsilon;
    private final TwoAccesses forward;
    private final TwoAccesses addForward;
    private final TwoAccesses backward;
    private final TwoAccesses addBackward;

    public RmsNormKernel(Kernels kernels, Precision precision, int width, double epsilon) {
        this.width = width;
        this.epsilon = epsilon;
        this.forward = TwoAccesses.of(kernels, SOURCE, precision, "rms_norm");
        this.addForward = TwoAccesses.of(kernels, SOURCE, precision, "add_rms_norm");
        this.backward = TwoAccesses.of(kernels, SOURCE, precision, "rms_norm_backward");
        this.addBackward = TwoAccesses.of(kernels, SOURCE, precision, "add_rms_norm_backward");
    }

    /// y ← norm(x).
    ///
    /// @param rows N
    /// @param scales float32 `(N)`, gets 1 / rms of each row for the backward pass; 0 if there is none
    public void forward(long stream, long rows, Rows x, long gain, Rows y, long scales) {
        Arguments arguments = Arguments.begin().add(x).add(gain).add(y).add(scales);
        launchForward(forward.at(width, gain, x, y), stream, rows, arguments);
    }

    /// sum ← x + residual, y ← norm(sum), of the sum as it is stored.
    ///
    /// @param sum may be x or residual
    /// @param scales float32 `(N)`, or 0
    public void addForward(long stream, long rows, Rows x, Rows residual, Rows sum, long gain, Rows y, long scales) {
        Arguments arguments =
                Arguments.begin().add(x).add(residual).add(sum).add(gain).add(y).add(scales);
        launchForward(addForward.at(width, gain, x, residual, sum, y), stream, rows, arguments);
    }

    /// dx ← the gradient of x from that of y.
    ///
    /// @param x what the forward pass normalised
    /// @param scales what it wrote
    /// @param dx may be dy
    public void backward(long stream, long rows, Rows dy, Rows x, long gain, long scales, Rows dx) {
        Arguments arguments =
                Arguments.begin().add(dy).add(x).add(gain).add(scales).add(dx).addInt(width);
        launch(backward.at(width, gain, dy, x, dx), stream, rows, arguments);
    }

    /// dx ← carried + the gradient of x from that of y, where a residual stream goes past the norm.
    ///
    /// @param carried the gradient that arrives on the residual stream
    /// @param dx may be dy or carried
    public void addBackward(long stream, long rows, Rows dy, Rows x, long gain, long scales, Rows carried, Rows dx) {
        Arguments arguments = Arguments.begin()
                .add(dy)
                .add(x)
                .add(gain)
                .add(scales)
                .add(carried)
                .add(dx)
                .addInt(width);
        launch(addBackward.at(width, gain, dy, x, carried, dx), stream, rows, arguments);
    }

    private void launchForward(TwoAccesses.Choice choice, long stream, long rows, Arguments arguments) {
        launch(choice, stream, rows, arguments.addInt(width).addFloat(epsilon));
    }

    private void launch(TwoAccesses.Choice choice, long stream, long rows, Arguments arguments) {
        arguments.launch(choice.function(), stream, rows, threads(width, choice.lanes()));
    }

    /// Whole warps, just enough that each thread keeps its packs of the row in registers.
    static int threads(int width, int lanes) {
        int packs = Math.ceilDiv(width, lanes);
        int warps = Math.ceilDiv(Math.ceilDiv(packs, KEPT), WARP);
        return Math.min(MOST_THREADS, warps * WARP);
    }
}

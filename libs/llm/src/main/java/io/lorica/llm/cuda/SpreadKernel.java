package io.lorica.llm.cuda;

/// Writes factor · values of float32 matrices in the model's type to where they are read from, all in one launch.
public final class SpreadKernel {

    private static final int THREADS = 256;

    private final CudaFunction spread;

    /// @param precision what the targets are stored in
    public SpreadKernel(Kernels kernels, Precision precision) {
        this.spread = kernels.function("spread.cu", precision, "spread");
    }

    /// Writes all matrices of a table.
    public void spread(long stream, SpreadTable table) {
        WorkTable work = table.table();
        work.begin().launch(spread, stream, work.count(), THREADS);
    }
}

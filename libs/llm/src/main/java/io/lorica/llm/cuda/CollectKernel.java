package io.lorica.llm.cuda;

/// Adds the gradients of all adapters of a joined matrix, computed together in the model's type, to the
/// float32 gradients of each, in one launch. Dimensions: I inputs, O outputs of all, R columns of all.
public final class CollectKernel {

    private static final int THREADS = 256;

    private final CudaFunction collect;

    /// @param precision what the common gradients are stored in
    public CollectKernel(Kernels kernels, Precision precision) {
        this.collect = kernels.function("collect.cu", precision, "collect_gradients");
    }

    /// gradientA ← gradientA + its rows of ofA, gradientB ← gradientB + scale · its part of ofB.
    ///
    /// @param ofA `(R, I)`
    /// @param ofB `(O, R)`
    public void collect(long stream, CollectTable table, Rows ofA, Rows ofB) {
        WorkTable work = table.table();
        work.begin().add(ofA).add(ofB).launch(collect, stream, work.count(), THREADS);
    }
}

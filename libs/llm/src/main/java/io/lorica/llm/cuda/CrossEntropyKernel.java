package io.lorica.llm.cuda;

/// Cross-entropy of rows of logits, `(n, V)`, and its gradient in their place.
public final class CrossEntropyKernel {

    private static final String SOURCE = "cross_entropy.cu";
    private static final int THREADS = 1024;

    private final int vocabulary;
    private final TwoAccesses measure;
    private final TwoAccesses gradient;
    private final int sharedBytes;

    /// @param vocabulary V, the logits of a row
    public CrossEntropyKernel(Kernels kernels, Precision precision, int vocabulary) {
        this.vocabulary = vocabulary;
        this.measure = TwoAccesses.of(kernels, SOURCE, precision, "cross_entropy");
        this.gradient = TwoAccesses.of(kernels, SOURCE, precision, "cross_entropy_gradient");
        this.sharedBytes =
                Math.min(gradient.wide().takeSharedMemory(), gradient.single().takeSharedMemory());
    }

    /// Losses and hits; the logits stay.
    ///
    /// @param rows n
    /// @param targets int64 `(n)`; a negative one is not learned and has loss 0
    /// @param losses float32 `(n)`
    /// @param hits float32 `(n)`, 1 where the target has the greatest logit
    public void measure(long stream, long rows, Rows logits, long targets, long losses, long hits) {
        Arguments.begin()
                .add(logits)
                .add(targets)
                .add(losses)
                .add(hits)
                .addInt(vocabulary)
                .launch(measure.at(vocabulary, logits).function(), stream, rows, THREADS);
    }

    /// Losses and hits, and in place of the logits the gradient of Σ factor · weight · loss.
    ///
    /// @param weights float32 `(n)`, the weight of each row's loss in the gradient; 0 where all weigh 1
    /// @param factor such as 1 / the learned tokens of the whole optimizer step
    public void gradient(
            long stream, long rows, Rows logits, long targets, long weights, long losses, long hits, double factor) {
        TwoAccesses.Choice choice = gradient.at(vocabulary, logits);
        int packBytes = choice.lanes() * gradient.precision().bytes();
        int keptPacks = Math.min(vocabulary / choice.lanes(), sharedBytes / packBytes);
        Arguments.begin()
                .add(logits)
                .add(targets)
                .add(weights)
                .add(losses)
                .add(hits)
                .addInt(vocabulary)
                .addInt(keptPacks)
                .addFloat(factor)
                .launch(choice.function(), stream, rows, THREADS, keptPacks * packBytes);
    }
}

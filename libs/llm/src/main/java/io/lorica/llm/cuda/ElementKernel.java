package io.lorica.llm.cuda;

/// Element by element from one type to another: cast, scaled, accumulated.
public final class ElementKernel {

    private static final String SOURCE = "elements.cu";
    private static final int THREADS = 256;
    /// Elements of one thread; 8 · `STEPS` of the source.
    private static final int ELEMENTS = 16;

    private static final int ALIGNMENT = 16;

    private final TwoAccesses scale;
    private final TwoAccesses accumulate;

    /// @param from how x is stored
    /// @param to how y is stored
    public ElementKernel(Kernels kernels, Precision from, Precision to) {
        this.scale = TwoAccesses.of(kernels, SOURCE, from, "scale_to_" + to.typeName());
        this.accumulate = TwoAccesses.of(kernels, SOURCE, from, "accumulate_to_" + to.typeName());
    }

    /// y ← factor · x.
    public void scale(long stream, long elements, long x, long y, double factor) {
        launch(scale, stream, elements, x, y, factor);
    }

    /// y ← y + factor · x.
    public void accumulate(long stream, long elements, long x, long y, double factor) {
        launch(accumulate, stream, elements, x, y, factor);
    }

    private static void launch(TwoAccesses kernel, long stream, long elements, long x, long y, double factor) {
        boolean wide = x % ALIGNMENT == 0 && y % ALIGNMENT == 0;
        Arguments.begin()
                .add(x)
                .add(y)
                .add(elements)
                .addFloat(factor)
                .launch(
                        wide ? kernel.wide() : kernel.single(),
                        stream,
                        Math.ceilDiv(elements, (long) THREADS * ELEMENTS),
                        THREADS);
    }
}

package io.lorica.llm.fused;

/// The size of a graphed pass. A batch takes the smallest that holds it, and the rest is filled with tokens
/// that nothing is learned from: few sizes, so that graphs are met again, and little to fill.
///
/// @param tokens N
/// @param learned n
/// @param sequences S, one of them for the filling
record GraphShape(int tokens, int learned, int sequences) {

    private static final int SMALLEST_STEP = 32;
    private static final int STEPS_OF_OCTAVE = 8;

    /// The smallest that holds so much, and a sequence to fill with.
    static GraphShape holding(int tokens, int learned, int sequences) {
        int size = upTo(tokens);
        int half = size / 2;
        return new GraphShape(size, learned <= half ? half : size, powerOfTwo(sequences + 1));
    }

    /// The next size: eight of them to each doubling.
    private static int upTo(int count) {
        int step = Math.max(SMALLEST_STEP, Integer.highestOneBit(count - 1) / STEPS_OF_OCTAVE);
        return Math.ceilDiv(count, step) * step;
    }

    private static int powerOfTwo(int count) {
        return Integer.highestOneBit(count - 1) * 2;
    }
}

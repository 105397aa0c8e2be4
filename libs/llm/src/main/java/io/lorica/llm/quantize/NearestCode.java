package io.lorica.llm.quantize;

/// Finds the nearest of sixteen numbers: a table of equal parts of [-1, 1] says where to begin, and mostly to end.
final class NearestCode {

    private static final int PARTS = 512;

    private final float[] bounds;
    private final int[] codes;
    private final byte[] begin = new byte[PARTS + 1];

    NearestCode(FourBitCode code) {
        float[] numbers = code.numbers();
        this.codes = code.ascending();
        this.bounds = new float[codes.length - 1];
        for (int i = 0; i < bounds.length; i++) {
            bounds[i] = (numbers[codes[i]] + numbers[codes[i + 1]]) / 2;
        }
        for (int part = 0; part <= PARTS; part++) {
            // A part earlier than its own, for what rounding does to the number of a part.
            begin[part] = (byte) below((part - 1) * 2f / PARTS - 1);
        }
    }

    /// The code of the number nearest to x in [-1, 1]; of two that are equally near, that of the lesser.
    int of(float x) {
        int place = begin[(int) ((x + 1) * (PARTS / 2f))];
        while (place < bounds.length && bounds[place] < x) {
            place++;
        }
        return codes[place];
    }

    private int below(float x) {
        int place = 0;
        while (place < bounds.length && bounds[place] < x) {
            place++;
        }
        return place;
    }
}

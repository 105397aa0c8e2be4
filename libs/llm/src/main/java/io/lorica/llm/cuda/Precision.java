package io.lorica.llm.cuda;

import java.util.Locale;

/// How a kernel's tensors are stored. Arithmetic is float32 in all of them.
public enum Precision {
    F32(4),
    F16(2),
    BF16(2);

    private static final int ACCESS_BYTES = 16;

    private final int bytes;

    Precision(int bytes) {
        this.bytes = bytes;
    }

    /// Bytes of one element.
    public int bytes() {
        return bytes;
    }

    /// The type's name in the sources.
    String typeName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// How many elements one wide access takes.
    int lanes() {
        return ACCESS_BYTES / bytes;
    }

    /// Whether rows of that width can be read 16 bytes at a time.
    ///
    /// @param vector the address of one row more; 0, which is no address, is aligned too
    boolean wide(int width, long vector, Rows... matrices) {
        boolean wide = width % lanes() == 0 && vector % ACCESS_BYTES == 0;
        for (Rows matrix : matrices) {
            wide &= matrix.address() % ACCESS_BYTES == 0 && matrix.stride() % lanes() == 0;
        }
        return wide;
    }
}

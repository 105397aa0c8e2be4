package io.lorica.gguf;

import java.util.Arrays;
import java.util.Optional;

/// How a value of the metadata is stored.
enum ValueType {
    U8(0, 1),
    I8(1, 1),
    U16(2, 2),
    I16(3, 2),
    U32(4, 4),
    I32(5, 4),
    F32(6, 4),
    BOOL(7, 1),
    TEXT(8, Long.BYTES),
    ITEMS(9, Integer.BYTES + Long.BYTES),
    U64(10, 8),
    I64(11, 8),
    F64(12, 8);

    private final int number;
    private final int smallest;

    ValueType(int number, int smallest) {
        this.number = number;
        this.smallest = smallest;
    }

    /// Its number in files.
    int number() {
        return number;
    }

    /// The fewest bytes that a value takes; all but text and items take exactly these.
    int smallest() {
        return smallest;
    }

    /// The type of that number, if there is one.
    static Optional<ValueType> of(int number) {
        return Arrays.stream(values()).filter(type -> type.number == number).findFirst();
    }
}

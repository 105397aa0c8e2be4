package io.lorica.gguf;

import java.util.ArrayList;
import java.util.List;

/// Reads values of the metadata, or walks over them to see whether they end where the file does.
///
/// @param file the file's name for messages
/// @param cursor where it reads
record ValueReader(String file, ByteCursor cursor) {

    private static final int DEEPEST = 4;

    /// The type of the value that follows.
    ValueType type() {
        int number = cursor.i32();
        return ValueType.of(number)
                .orElseThrow(() ->
                        GgufErrors.damaged(file, "a value of its metadata has the type " + number + ", which is none"));
    }

    /// Walks over a value.
    void skip(ValueType type) {
        skip(type, 0);
    }

    /// Reads a value.
    GgufValue read(ValueType type) {
        return switch (type) {
            case U8 -> new GgufValue.Whole(cursor.u8());
            case I8 -> new GgufValue.Whole((byte) cursor.u8());
            case U16 -> new GgufValue.Whole(Short.toUnsignedInt(cursor.i16()));
            case I16 -> new GgufValue.Whole(cursor.i16());
            case U32 -> new GgufValue.Whole(Integer.toUnsignedLong(cursor.i32()));
            case I32 -> new GgufValue.Whole(cursor.i32());
            case U64, I64 -> new GgufValue.Whole(cursor.i64());
            case F32 -> new GgufValue.Fraction(Double.parseDouble(Float.toString(cursor.f32())));
            case F64 -> new GgufValue.Fraction(cursor.f64());
            case BOOL -> new GgufValue.Flag(flag());
            case TEXT -> new GgufValue.Text(cursor.text());
            case ITEMS -> items();
        };
    }

    private boolean flag() {
        int value = cursor.u8();
        if (value > 1) {
            throw GgufErrors.damaged(file, "a truth value of its metadata is " + value);
        }
        return value == 1;
    }

    private GgufValue.Items items() {
        ValueType type = type();
        int count = cursor.count("items", type.smallest());
        List<GgufValue> values = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            values.add(read(type));
        }
        return new GgufValue.Items(values);
    }

    private void skip(ValueType type, int depth) {
        switch (type) {
            case TEXT -> cursor.skip(cursor.count("bytes of text", 1));
            case BOOL -> flag();
            case ITEMS -> skipItems(depth);
            case U8, I8, U16, I16, U32, I32, F32, U64, I64, F64 -> cursor.skip(type.smallest());
        }
    }

    private void skipItems(int depth) {
        if (depth == DEEPEST) {
            throw GgufErrors.damaged(file, "lists of its metadata lie " + (DEEPEST + 1) + " deep in each other");
        }
        ValueType type = type();
        int count = cursor.count("items", type.smallest());
        for (int i = 0; i < count; i++) {
            skip(type, depth + 1);
        }
    }
}

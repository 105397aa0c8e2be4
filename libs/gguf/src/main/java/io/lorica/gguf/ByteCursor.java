package io.lorica.gguf;

import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/// Reads a file from its beginning to its end and never past it, nor past what is here of it.
final class ByteCursor {

    private final FileBytes bytes;
    private long position;

    ByteCursor(FileBytes bytes) {
        this(bytes, 0);
    }

    ByteCursor(FileBytes bytes, long position) {
        this.bytes = bytes;
        this.position = position;
    }

    long position() {
        return position;
    }

    long remaining() {
        return bytes.size() - position;
    }

    void skip(long length) {
        advance(length);
    }

    int u8() {
        return LittleEndian.unsigned(bytes.here(), advance(Byte.BYTES));
    }

    short i16() {
        return bytes.here().get(LittleEndian.SHORT, advance(Short.BYTES));
    }

    int i32() {
        return bytes.here().get(LittleEndian.INT, advance(Integer.BYTES));
    }

    long i64() {
        return bytes.here().get(LittleEndian.LONG, advance(Long.BYTES));
    }

    float f32() {
        return bytes.here().get(LittleEndian.FLOAT, advance(Float.BYTES));
    }

    double f64() {
        return bytes.here().get(LittleEndian.DOUBLE, advance(Double.BYTES));
    }

    /// A count of things that take at least so many bytes each.
    ///
    /// @param what the things, for messages
    int count(String what, int smallest) {
        long count = i64();
        if (count < 0 || count > remaining() / smallest || count > Integer.MAX_VALUE) {
            throw GgufErrors.damaged(
                    bytes.file(),
                    "it claims " + Long.toUnsignedString(count) + " " + what + ", and only " + remaining()
                            + " bytes follow");
        }
        return (int) count;
    }

    String text() {
        int length = count("bytes of text", 1);
        byte[] text = bytes.here().asSlice(advance(length), length).toArray(ValueLayout.JAVA_BYTE);
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(text))
                    .toString();
        } catch (CharacterCodingException e) {
            throw GgufErrors.damaged(bytes.file(), "the text before byte " + position + " is not UTF-8");
        }
    }

    private long advance(long length) {
        if (length > remaining()) {
            throw GgufErrors.damaged(bytes.file(), "it ends at byte " + bytes.size() + ", in the middle of its header");
        }
        bytes.requireHere(position + length);
        long from = position;
        position += length;
        return from;
    }
}

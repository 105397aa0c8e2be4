package io.lorica.llm.gguf;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/// Reads a file from its beginning to its end and never past it.
final class ByteCursor {

    private final String file;
    private final MemorySegment bytes;
    private long position;

    ByteCursor(String file, MemorySegment bytes) {
        this(file, bytes, 0);
    }

    ByteCursor(String file, MemorySegment bytes, long position) {
        this.file = file;
        this.bytes = bytes;
        this.position = position;
    }

    long position() {
        return position;
    }

    long remaining() {
        return bytes.byteSize() - position;
    }

    void skip(long length) {
        advance(length);
    }

    int u8() {
        return LittleEndian.unsigned(bytes, advance(Byte.BYTES));
    }

    short i16() {
        return bytes.get(LittleEndian.SHORT, advance(Short.BYTES));
    }

    int i32() {
        return bytes.get(LittleEndian.INT, advance(Integer.BYTES));
    }

    long i64() {
        return bytes.get(LittleEndian.LONG, advance(Long.BYTES));
    }

    float f32() {
        return bytes.get(LittleEndian.FLOAT, advance(Float.BYTES));
    }

    double f64() {
        return bytes.get(LittleEndian.DOUBLE, advance(Double.BYTES));
    }

    /// A count of things that take at least so many bytes each.
    ///
    /// @param what the things, for messages
    int count(String what, int smallest) {
        long count = i64();
        if (count < 0 || count > remaining() / smallest || count > Integer.MAX_VALUE) {
            throw GgufErrors.damaged(
                    file,
                    "it claims " + Long.toUnsignedString(count) + " " + what + ", and only " + remaining()
                            + " bytes follow");
        }
        return (int) count;
    }

    String text() {
        int length = count("bytes of text", 1);
        byte[] text = bytes.asSlice(advance(length), length).toArray(ValueLayout.JAVA_BYTE);
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(text))
                    .toString();
        } catch (CharacterCodingException e) {
            throw GgufErrors.damaged(file, "the text before byte " + position + " is not UTF-8");
        }
    }

    private long advance(long length) {
        if (length > remaining()) {
            throw GgufErrors.damaged(file, "it ends at byte " + bytes.byteSize() + ", in the middle of its header");
        }
        long from = position;
        position += length;
        return from;
    }
}

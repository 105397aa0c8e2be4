package io.lorica.gguf;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;

/// Where the bytes of a file go, in pieces of a few MiB.
public final class GgufSink {

    private static final long PIECE = 1 << 22;

    private final FileChannel channel;

    GgufSink(FileChannel channel) {
        this.channel = channel;
    }

    /// Writes bytes as they are.
    public void write(MemorySegment bytes) {
        for (long done = 0; done < bytes.byteSize(); done += PIECE) {
            write(bytes.asSlice(done, Math.min(PIECE, bytes.byteSize() - done)).asByteBuffer());
        }
    }

    /// Writes float32 numbers.
    public void writeFloats(float... values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        write(bytes);
    }

    /// Writes float32 numbers as blocks of 8 bits.
    ///
    /// @param values the numbers, whole blocks
    public void writeQ80(MemorySegment values) {
        long blocks = values.byteSize() / Float.BYTES / Q80Encoder.ELEMENTS;
        long atOnce = PIECE / Q80Encoder.BYTES;
        for (long done = 0; done < blocks; done += atOnce) {
            byte[] bytes = new byte[(int) (Math.min(atOnce, blocks - done) * Q80Encoder.BYTES)];
            MemorySegment out = MemorySegment.ofArray(bytes);
            for (int i = 0; i < bytes.length / Q80Encoder.BYTES; i++) {
                long first = (done + i) * Q80Encoder.ELEMENTS;
                float[] block = values.asSlice(first * Float.BYTES, (long) Q80Encoder.ELEMENTS * Float.BYTES)
                        .toArray(ValueLayout.JAVA_FLOAT);
                Q80Encoder.encode(block, out, (long) i * Q80Encoder.BYTES);
            }
            write(ByteBuffer.wrap(bytes));
        }
    }

    void write(ByteBuffer bytes) {
        try {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void pad(int alignment) {
        long behind = position() % alignment;
        if (behind != 0) {
            write(ByteBuffer.allocate((int) (alignment - behind)));
        }
    }

    long position() {
        try {
            return channel.position();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

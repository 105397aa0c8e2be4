package io.lorica.gguf;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/// Collects metadata and tensors and writes them as a GGUF file of version 3. Tensors are asked for their values one
/// at a time.
public final class GgufWriter {

    private static final int ALIGNMENT = 32;

    private final ByteArrayOutputStream pairs = new ByteArrayOutputStream();
    private final List<GgufOutput> tensors = new ArrayList<>();
    private long pairCount;

    /// Adds a text.
    public void text(String key, String value) {
        begin(key, ValueType.TEXT);
        text(value);
    }

    /// Adds a whole number of 32 bits without sign.
    public void whole(String key, long value) {
        begin(key, ValueType.U32);
        put(buffer(Integer.BYTES).putInt((int) value));
    }

    /// Adds a number of 32 bits with a fraction.
    public void number(String key, double value) {
        begin(key, ValueType.F32);
        put(buffer(Float.BYTES).putFloat((float) value));
    }

    /// Adds a truth value.
    public void flag(String key, boolean value) {
        begin(key, ValueType.BOOL);
        pairs.write(value ? 1 : 0);
    }

    /// Adds texts.
    public void texts(String key, List<String> values) {
        beginItems(key, ValueType.TEXT, values.size());
        values.forEach(this::text);
    }

    /// Adds whole numbers of 32 bits with a sign.
    public void wholes(String key, List<Integer> values) {
        beginItems(key, ValueType.I32, values.size());
        values.forEach(value -> put(buffer(Integer.BYTES).putInt(value)));
    }

    /// Adds numbers of 32 bits with a fraction.
    public void numbers(String key, List<Float> values) {
        beginItems(key, ValueType.F32, values.size());
        values.forEach(value -> put(buffer(Float.BYTES).putFloat(value)));
    }

    /// Adds a tensor.
    public void tensor(GgufOutput tensor) {
        tensors.add(tensor);
    }

    /// Writes the file, replacing one that is there.
    public void write(Path path) {
        try (FileChannel channel = FileChannel.open(
                path, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            GgufSink sink = new GgufSink(channel);
            sink.write(header());
            for (GgufOutput tensor : tensors) {
                sink.pad(ALIGNMENT);
                long begin = sink.position();
                tensor.values().accept(sink);
                if (sink.position() - begin != tensor.bytes()) {
                    throw new IllegalStateException(
                            tensor.name() + " wrote " + (sink.position() - begin) + " bytes and has " + tensor.bytes());
                }
            }
            sink.pad(ALIGNMENT);
            channel.force(true);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + path, e);
        }
    }

    private ByteBuffer header() {
        ByteArrayOutputStream table = new ByteArrayOutputStream();
        long offset = 0;
        for (GgufOutput tensor : tensors) {
            table.writeBytes(entry(tensor, offset));
            offset += Math.ceilDiv(tensor.bytes(), ALIGNMENT) * ALIGNMENT;
        }
        ByteBuffer header = buffer(2 * Integer.BYTES + 2 * Long.BYTES + pairs.size() + table.size());
        header.putInt(GgufFile.MAGIC).putInt(GgufFile.VERSION).putLong(tensors.size());
        return header.putLong(pairCount)
                .put(pairs.toByteArray())
                .put(table.toByteArray())
                .flip();
    }

    /// Columns before rows, as files have it.
    private static byte[] entry(GgufOutput tensor, long offset) {
        byte[] name = tensor.name().getBytes(StandardCharsets.UTF_8);
        long[] shape = tensor.shape();
        ByteBuffer entry = buffer(Long.BYTES + name.length + 2 * Integer.BYTES + Long.BYTES * (shape.length + 1));
        entry.putLong(name.length).put(name).putInt(shape.length);
        for (int i = shape.length - 1; i >= 0; i--) {
            entry.putLong(shape[i]);
        }
        return entry.putInt(tensor.encoding().number()).putLong(offset).array();
    }

    private void begin(String key, ValueType type) {
        pairCount++;
        text(key);
        put(buffer(Integer.BYTES).putInt(type.number()));
    }

    private void beginItems(String key, ValueType type, int count) {
        begin(key, ValueType.ITEMS);
        put(buffer(Integer.BYTES + Long.BYTES).putInt(type.number()).putLong(count));
    }

    private void text(String value) {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        put(buffer(Long.BYTES).putLong(bytes.length));
        pairs.writeBytes(bytes);
    }

    private void put(ByteBuffer value) {
        pairs.writeBytes(value.array());
    }

    private static ByteBuffer buffer(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }
}

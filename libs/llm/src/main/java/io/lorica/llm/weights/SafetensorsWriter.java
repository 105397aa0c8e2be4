package io.lorica.llm.weights;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Collection;
import java.util.Map;

import ai.djl.ndarray.NDArray;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.HostMemory;
import io.lorica.llm.tensor.TensorScope;

/// Writes float32 tensors as a safetensors file, rounded to nearest even where the file's elements are shorter.
public final class SafetensorsWriter {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int CHUNK_ELEMENTS = 1 << 20;

    private SafetensorsWriter() {}

    /// Writes a file, replacing one that is there.
    ///
    /// @param tensors what to write, computed one at a time; the file keeps their order
    public static void write(
            Path path, Collection<TensorSource> tensors, ElementType type, Map<String, String> metadata) {
        try (FileChannel channel = FileChannel.open(
                path, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            writeFully(channel, header(tensors, type, metadata));
            for (TensorSource tensor : tensors) {
                try (TensorScope scope = TensorScope.open("write")) {
                    writeTensor(channel, tensor.values().apply(scope), type);
                }
            }
            channel.force(true);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + path, e);
        }
    }

    private static ByteBuffer header(Collection<TensorSource> tensors, ElementType type, Map<String, String> metadata)
            throws IOException {
        ObjectNode root = JSON.createObjectNode();
        root.set("__metadata__", JSON.valueToTree(metadata));
        long position = 0;
        for (TensorSource tensor : tensors) {
            long end = position + tensor.size() * type.bytes();
            ObjectNode entry = root.putObject(tensor.name());
            entry.put("dtype", type.label());
            entry.set("shape", JSON.valueToTree(tensor.shape()));
            entry.putArray("data_offsets").add(position).add(end);
            position = end;
        }
        byte[] json = JSON.writeValueAsString(root).getBytes(StandardCharsets.UTF_8);
        int aligned = (json.length + Long.BYTES - 1) / Long.BYTES * Long.BYTES;
        byte[] padded = Arrays.copyOf(json, aligned);
        Arrays.fill(padded, json.length, aligned, (byte) ' ');
        ByteBuffer buffer = ByteBuffer.allocate(Long.BYTES + aligned).order(ByteOrder.LITTLE_ENDIAN);
        return buffer.putLong(aligned).put(padded).flip();
    }

    private static void writeTensor(FileChannel channel, NDArray tensor, ElementType type) throws IOException {
        MemorySegment values = HostMemory.of(tensor);
        ByteBuffer buffer =
                ByteBuffer.allocateDirect(CHUNK_ELEMENTS * type.bytes()).order(ByteOrder.LITTLE_ENDIAN);
        long elements = tensor.size();
        for (long done = 0; done < elements; done += CHUNK_ELEMENTS) {
            int count = (int) Math.min(CHUNK_ELEMENTS, elements - done);
            buffer.clear();
            for (int i = 0; i < count; i++) {
                put(buffer, values.getAtIndex(ValueLayout.JAVA_FLOAT, done + i), type);
            }
            writeFully(channel, buffer.flip());
        }
    }

    private static void put(ByteBuffer buffer, float value, ElementType type) {
        switch (type) {
            case F32 -> buffer.putFloat(value);
            case F16 -> buffer.putShort(Float.floatToFloat16(value));
            case BF16 -> buffer.putShort(toBrainFloat(value));
        }
    }

    /// The upper half of the float's bits, rounded to nearest even; a NaN stays one.
    private static short toBrainFloat(float value) {
        if (Float.isNaN(value)) {
            return (short) 0x7FC0;
        }
        int bits = Float.floatToRawIntBits(value);
        int toEven = 0x7FFF + ((bits >>> 16) & 1);
        return (short) ((bits + toEven) >>> 16);
    }

    private static void writeFully(FileChannel channel, ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }
}

package io.lorica.llm.weights;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.function.Function;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.HostMemory;
import io.lorica.llm.tensor.Tensor;

/// Writes tensors as a safetensors file, rounded to nearest even where the file's elements are shorter than theirs.
public final class SafetensorsWriter {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long CHUNK_BYTES = 1 << 24;

    private SafetensorsWriter() {}

    /// Writes a file, replacing one that is there.
    ///
    /// @param tensors what to write, computed some rows at a time; the file keeps their order
    public static void write(
            Path path, Collection<TensorSource> tensors, ElementType type, Map<String, String> metadata) {
        write(path, tensors, tensor -> type, metadata);
    }

    /// Writes tensors that exist already, each in its own type, in the map's order.
    public static void write(Path path, SequencedMap<String, Tensor> tensors, Map<String, String> metadata) {
        write(
                path,
                TensorSource.all(tensors),
                source -> Objects.requireNonNull(tensors.get(source.name())).type(),
                metadata);
    }

    private static void write(
            Path path,
            Collection<TensorSource> tensors,
            Function<TensorSource, ElementType> type,
            Map<String, String> metadata) {
        try (FileChannel channel = FileChannel.open(
                path, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            writeFully(channel, header(tensors, type, metadata));
            for (TensorSource tensor : tensors) {
                writeTensor(channel, tensor, type.apply(tensor));
            }
            channel.force(true);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + path, e);
        }
    }

    private static ByteBuffer header(
            Collection<TensorSource> tensors, Function<TensorSource, ElementType> types, Map<String, String> metadata)
            throws IOException {
        ObjectNode root = JSON.createObjectNode();
        root.set("__metadata__", JSON.valueToTree(metadata));
        long position = 0;
        for (TensorSource tensor : tensors) {
            ElementType type = types.apply(tensor);
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

    private static void writeTensor(FileChannel channel, TensorSource tensor, ElementType type) throws IOException {
        try {
            tensor.forEachChunk((_, rows) -> HostMemory.read(rows, type, values -> writeMemory(channel, values)));
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private static void writeMemory(FileChannel channel, MemorySegment values) {
        try {
            for (long done = 0; done < values.byteSize(); done += CHUNK_BYTES) {
                long length = Math.min(CHUNK_BYTES, values.byteSize() - done);
                writeFully(channel, values.asSlice(done, length).asByteBuffer());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void writeFully(FileChannel channel, ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }
}

package io.lorica.llm.weights;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.Set;

/// A safetensors file, memory-mapped. Its tensors are valid until it is closed.
public final class SafetensorsFile implements AutoCloseable {

    private static final ValueLayout.OfLong LITTLE_ENDIAN_LONG =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int PREFIX = Long.BYTES;
    private static final long LONGEST_HEADER = 100_000_000;

    private final Arena arena;
    private final MemorySegment bytes;
    private final SafetensorsHeader header;

    private SafetensorsFile(Arena arena, MemorySegment bytes, SafetensorsHeader header) {
        this.arena = arena;
        this.bytes = bytes;
        this.header = header;
    }

    /// Maps a file and checks its header.
    ///
    /// @throws io.lorica.contracts.error.ProductException when the file is cut off or its header
    ///     contradicts itself
    @SuppressWarnings("MustBeClosedChecker") // closed with the file, or here when opening fails
    public static SafetensorsFile open(Path path) {
        Arena arena = Arena.ofShared();
        try {
            return open(path, arena);
        } catch (RuntimeException e) {
            arena.close();
            throw e;
        }
    }

    /// The names of its tensors, in the order of their bytes.
    public Set<String> names() {
        return header.entries().keySet();
    }

    /// One of its tensors.
    public Optional<StoredTensor> tensor(String name) {
        return Optional.ofNullable(header.entries().get(name))
                .map(entry -> new MappedTensor(
                        entry.name(),
                        entry.type(),
                        entry.shape(),
                        bytes.asSlice(entry.begin(), entry.end() - entry.begin())));
    }

    @Override
    public void close() {
        arena.close();
    }

    private static SafetensorsFile open(Path path, Arena arena) {
        String name = String.valueOf(path.getFileName());
        MemorySegment file = map(path, arena);
        if (file.byteSize() < PREFIX) {
            throw SafetensorsHeader.damaged(name, "it has only " + file.byteSize() + " bytes");
        }
        long length = file.get(LITTLE_ENDIAN_LONG, 0);
        if (length < 2 || length > LONGEST_HEADER || length > file.byteSize() - PREFIX) {
            throw SafetensorsHeader.damaged(
                    name, "its header claims " + length + " bytes of a file of " + file.byteSize());
        }
        byte[] json = file.asSlice(PREFIX, length).toArray(ValueLayout.JAVA_BYTE);
        MemorySegment tensors = file.asSlice(PREFIX + length);
        return new SafetensorsFile(arena, tensors, SafetensorsHeader.parse(name, json, tensors.byteSize()));
    }

    private static MemorySegment map(Path path, Arena arena) {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + path, e);
        }
    }
}

package io.lorica.llm.gguf;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Optional;

/// A GGUF file of version 2 or 3, memory-mapped. Its metadata and tensors are valid until it is closed.
public final class GgufFile implements AutoCloseable {

    static final int MAGIC = 0x4655_4747;
    static final int VERSION = 3;
    private static final int OLDEST_VERSION = 2;
    private static final int SMALLEST = 2 * Integer.BYTES + 2 * Long.BYTES;

    private final Arena arena;
    private final String name;
    private final GgufMetadata metadata;
    private final Map<String, GgufTensor> tensors;

    private GgufFile(Arena arena, String name, GgufMetadata metadata, Map<String, GgufTensor> tensors) {
        this.arena = arena;
        this.name = name;
        this.metadata = metadata;
        this.tensors = tensors;
    }

    /// Maps a file and checks everything that it claims about itself.
    ///
    /// @throws io.lorica.contracts.error.ProductException with `UNSUPPORTED_MODEL` when it is cut off,
    ///     contradicts itself or holds a tensor type that is not known
    @SuppressWarnings("MustBeClosedChecker") // closed with the file, or here when opening fails
    public static GgufFile open(Path path) {
        Arena arena = Arena.ofShared();
        try {
            return read(arena, String.valueOf(path.getFileName()), map(path, arena));
        } catch (RuntimeException e) {
            arena.close();
            throw e;
        }
    }

    /// The file's name, for messages.
    public String name() {
        return name;
    }

    /// What it says about itself.
    public GgufMetadata metadata() {
        return metadata;
    }

    /// All tensors by name, in the file's order.
    public Map<String, GgufTensor> tensors() {
        return tensors;
    }

    /// One of the tensors.
    public Optional<GgufTensor> tensor(String tensor) {
        return Optional.ofNullable(tensors.get(tensor));
    }

    @Override
    public void close() {
        arena.close();
    }

    private static GgufFile read(Arena arena, String name, MemorySegment file) {
        if (file.byteSize() < SMALLEST) {
            throw GgufErrors.damaged(name, "it has only " + file.byteSize() + " bytes");
        }
        ByteCursor cursor = new ByteCursor(name, file);
        checkVersion(name, cursor.i32(), cursor.i32());
        int tensors = cursor.count("tensors", TensorTable.SMALLEST_ENTRY);
        int pairs = cursor.count("metadata pairs", GgufMetadata.smallestPair());
        GgufMetadata metadata = GgufMetadata.scan(name, file, cursor, pairs);
        return new GgufFile(arena, name, metadata, new TensorTable(name, file, cursor).read(tensors, metadata));
    }

    private static void checkVersion(String name, int magic, int version) {
        if (magic != MAGIC) {
            throw GgufErrors.damaged(name, "it does not begin with GGUF");
        }
        if (version < OLDEST_VERSION || version > VERSION) {
            throw GgufErrors.unusable(
                    name,
                    Integer.reverseBytes(version) <= VERSION && version != 1
                            ? "its numbers are big-endian; convert it for little-endian machines"
                            : "it has version " + Integer.toUnsignedString(version)
                                    + ", and only 2 and 3 are known; convert the model again");
        }
    }

    private static MemorySegment map(Path path, Arena arena) {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + path, e);
        }
    }
}

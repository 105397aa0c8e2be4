package io.lorica.gguf;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/// A GGUF file of version 2 or 3: memory-mapped, or elsewhere and only its header here. Its metadata and
/// tensors are valid until it is closed.
public final class GgufFile implements AutoCloseable {

    static final int MAGIC = 0x4655_4747;
    static final int VERSION = 3;
    private static final int OLDEST_VERSION = 2;
    private static final int SMALLEST = 2 * Integer.BYTES + 2 * Long.BYTES;
    // The vocabularies of Qwen 2 and Llama 3 take 6 to 8 MiB: most headers come with one request.
    private static final int USUAL_HEADER = 8 << 20;
    private static final int LONGEST_HEADER = 128 << 20;

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
    public static GgufFile open(Path path) {
        return opened(arena -> read(arena, FileBytes.whole(String.valueOf(path.getFileName()), map(path, arena))));
    }

    /// Reads the header of a file that is elsewhere and checks it as [#open] does. A tensor is read when its
    /// values are asked for.
    ///
    /// @throws io.lorica.contracts.error.ProductException as [#open]
    public static GgufFile header(ByteSource source) {
        return header(source, USUAL_HEADER, LONGEST_HEADER);
    }

    static GgufFile header(ByteSource source, int usual, int longest) {
        return opened(arena -> header(arena, source, usual, longest));
    }

    @SuppressWarnings("MustBeClosedChecker") // closed with the file, or here when opening fails
    private static GgufFile opened(Function<Arena, GgufFile> reading) {
        Arena arena = Arena.ofShared();
        try {
            return reading.apply(arena);
        } catch (RuntimeException e) {
            arena.close();
            throw e;
        }
    }

    // How long a header is, only its end tells.
    private static GgufFile header(Arena arena, ByteSource source, int usual, int longest) {
        requireHead(source.name(), source.size());
        byte[] here = source.read(0, (int) Math.min(usual, source.size()));
        while (true) {
            try {
                return read(arena, FileBytes.beginning(source, here));
            } catch (FileBytes.TooShort e) {
                if (here.length >= longest) {
                    throw GgufErrors.damaged(source.name(), "its header has no end within " + longest + " bytes");
                }
                here = longer(source, here, (int) Math.min(Math.min(2L * here.length, longest), source.size()));
            }
        }
    }

    private static byte[] longer(ByteSource source, byte[] here, int length) {
        byte[] rest = source.read(here.length, length - here.length);
        byte[] all = Arrays.copyOf(here, length);
        System.arraycopy(rest, 0, all, here.length, rest.length);
        return all;
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

    private static GgufFile read(Arena arena, FileBytes bytes) {
        String name = bytes.file();
        requireHead(name, bytes.size());
        ByteCursor cursor = new ByteCursor(bytes);
        checkVersion(name, cursor.i32(), cursor.i32());
        int tensors = cursor.count("tensors", TensorTable.SMALLEST_ENTRY);
        int pairs = cursor.count("metadata pairs", GgufMetadata.smallestPair());
        GgufMetadata metadata = GgufMetadata.scan(bytes, cursor, pairs);
        return new GgufFile(arena, name, metadata, new TensorTable(bytes, cursor).read(tensors, metadata));
    }

    private static void requireHead(String name, long size) {
        if (size < SMALLEST) {
            throw GgufErrors.damaged(name, "it has only " + size + " bytes");
        }
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

package io.lorica.gguf;

import java.lang.foreign.MemorySegment;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

/// The bytes of a file: all of them here, or only the first ones and the others where they come from.
///
/// @param file the file's name for messages
/// @param here what is here, from the file's beginning on
/// @param size the length of the whole file
/// @param elsewhere what gives the rest, where there is one
record FileBytes(
        String file,
        MemorySegment here,
        long size,
        @Nullable ByteSource elsewhere) {

    /// A file that is here.
    static FileBytes whole(String file, MemorySegment bytes) {
        return new FileBytes(file, bytes, bytes.byteSize(), null);
    }

    /// The beginning of a file that is elsewhere.
    static FileBytes beginning(ByteSource source, byte[] here) {
        return new FileBytes(source.name(), MemorySegment.ofArray(here), source.size(), source);
    }

    /// More of the file is needed than is here. That is no failure: whoever reads headers fetches more.
    static final class TooShort extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private TooShort() {
            super("", null, false, false);
        }
    }

    /// Makes sure that the file is here up to a place that lies in it.
    void requireHere(long end) {
        if (end > here.byteSize()) {
            throw new TooShort();
        }
    }

    /// A part that lies in the file, read when asked for.
    Supplier<MemorySegment> part(long from, long length) {
        if (length == 0) {
            return () -> MemorySegment.NULL;
        }
        return elsewhere == null
                ? () -> here.asSlice(from, length)
                : () -> MemorySegment.ofArray(elsewhere.read(from, Math.toIntExact(length)));
    }
}

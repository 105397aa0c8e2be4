package io.lorica.gguf;

/// A file that is elsewhere, of which parts can be read.
public interface ByteSource {

    /// The file's name, for messages.
    String name();

    /// The file's length in bytes.
    long size();

    /// Reads a part that lies in the file, exactly as long as asked for.
    byte[] read(long offset, int length);
}

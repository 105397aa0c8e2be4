package io.lorica.gguf;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Reads the table of a file's tensors and believes it only after sizes, offsets and overlaps agree with
/// the file.
///
/// @param bytes the file
/// @param cursor where the table begins
record TensorTable(FileBytes bytes, ByteCursor cursor) {

    /// An empty name, the number of dimensions, a type, an offset.
    static final int SMALLEST_ENTRY = Long.BYTES + Integer.BYTES + Integer.BYTES + Long.BYTES;

    private static final String ALIGNMENT = "general.alignment";
    private static final long USUAL_ALIGNMENT = 32;
    private static final long LARGEST_ALIGNMENT = 1 << 20;
    private static final int MOST_DIMENSIONS = 4;

    private record Entry(String name, TensorEncoding encoding, long[] shape, long offset, long length) {

        private long end() {
            return offset + length;
        }
    }

    Map<String, GgufTensor> read(int count, GgufMetadata metadata) {
        long alignment = alignment(metadata);
        // Grows with what is read: of a file that is elsewhere, the count cannot be held against the bytes yet.
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            entries.add(entry(alignment));
        }
        long begin = Math.ceilDiv(cursor.position(), alignment) * alignment;
        checkPlaces(entries, bytes.size() - begin);
        Map<String, GgufTensor> tensors = new LinkedHashMap<>();
        for (Entry entry : entries) {
            GgufTensor tensor = new GgufTensor(
                    entry.name(), entry.encoding(), entry.shape(), bytes.part(begin + entry.offset(), entry.length()));
            if (tensors.put(entry.name(), tensor) != null) {
                throw GgufErrors.damaged(bytes.file(), "it has the tensor " + entry.name() + " twice");
            }
        }
        return tensors;
    }

    private long alignment(GgufMetadata metadata) {
        long alignment = metadata.whole(ALIGNMENT).orElse(USUAL_ALIGNMENT);
        if (alignment < Long.BYTES || alignment > LARGEST_ALIGNMENT || alignment % Long.BYTES != 0) {
            throw GgufErrors.damaged(bytes.file(), ALIGNMENT + " is " + alignment + " and must be a multiple of 8");
        }
        return alignment;
    }

    private Entry entry(long alignment) {
        String name = cursor.text();
        long[] shape = shape(name);
        int number = cursor.i32();
        TensorEncoding encoding = TensorEncoding.of(number)
                .orElseThrow(() -> GgufErrors.unusable(
                        bytes.file(),
                        "tensor " + name + " has the type number " + Integer.toUnsignedString(number)
                                + ", which is not known here; use a file with " + TensorEncoding.names()));
        long offset = cursor.i64();
        if (offset < 0 || offset % alignment != 0) {
            throw GgufErrors.damaged(
                    bytes.file(),
                    "tensor " + name + " begins at " + Long.toUnsignedString(offset) + ", no multiple of " + alignment);
        }
        return new Entry(name, encoding, shape, offset, length(name, encoding, shape));
    }

    /// Rows before columns: the file has the dimensions the other way round.
    private long[] shape(String name) {
        int dimensions = cursor.i32();
        if (dimensions < 0 || dimensions > MOST_DIMENSIONS) {
            throw GgufErrors.damaged(
                    bytes.file(), "tensor " + name + " has " + Integer.toUnsignedString(dimensions) + " dimensions");
        }
        long[] shape = new long[dimensions];
        for (int i = dimensions - 1; i >= 0; i--) {
            shape[i] = cursor.i64();
            if (shape[i] < 0) {
                throw GgufErrors.damaged(bytes.file(), "tensor " + name + " has a dimension of " + shape[i]);
            }
        }
        return shape;
    }

    private long length(String name, TensorEncoding encoding, long[] shape) {
        long columns = shape.length == 0 ? 1 : shape[shape.length - 1];
        if (columns % encoding.blockElements() != 0) {
            throw GgufErrors.damaged(
                    bytes.file(),
                    "tensor " + name + " has rows of " + columns + " elements, no whole number of " + encoding
                            + " blocks");
        }
        try {
            long elements = 1;
            for (long dimension : shape) {
                elements = Math.multiplyExact(elements, dimension);
            }
            return encoding.bytes(elements);
        } catch (ArithmeticException e) {
            throw GgufErrors.damaged(bytes.file(), "the shape of tensor " + name + " is too large");
        }
    }

    private void checkPlaces(List<Entry> entries, long dataBytes) {
        List<Entry> byPlace = entries.stream()
                .sorted(Comparator.comparingLong(Entry::offset).thenComparingLong(Entry::length))
                .toList();
        long position = 0;
        String before = "";
        for (Entry entry : byPlace) {
            // written so that a lying offset cannot overflow
            if (entry.length() > dataBytes || entry.offset() > dataBytes - entry.length()) {
                throw GgufErrors.damaged(
                        bytes.file(),
                        "tensor " + entry.name() + " needs " + entry.length() + " bytes from " + entry.offset()
                                + " on, and the file holds " + Math.max(0, dataBytes));
            }
            if (entry.offset() < position) {
                throw GgufErrors.damaged(bytes.file(), "tensors " + before + " and " + entry.name() + " overlap");
            }
            position = entry.end();
            before = entry.name();
        }
    }
}

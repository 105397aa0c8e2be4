package io.lorica.gguf;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;

/// The bytes of a small GGUF file that says one thing wrong, and how the error names it.
///
/// @param name what is wrong
/// @param bytes the file
/// @param reason part of the message
record GgufBytes(String name, byte[] bytes, String reason) {

    @Override
    public String toString() {
        return name;
    }

    /// A file with one pair of metadata and two tensors of 32 bytes.
    static byte[] truth() {
        return new Parts().bytes();
    }

    static List<GgufBytes> lies() {
        long huge = 1L << 62;
        return List.of(
                lie("another magic", p -> p.magic = 0x4747_5546, "does not begin with GGUF"),
                lie("version 1", p -> p.version = 1, "it has version 1"),
                lie("version 4", p -> p.version = 4, "it has version 4"),
                lie("big-endian", p -> p.version = 3 << 24, "big-endian"),
                lie("too many tensors", p -> p.tensors = huge, "claims 4611686018427387904 tensors"),
                lie("a negative count of tensors", p -> p.tensors = -1, "claims 18446744073709551615 tensors"),
                lie("one tensor more than there is", p -> p.tensors = 3, "is damaged"),
                lie("too many pairs", p -> p.pairs = huge, "metadata pairs"),
                lie("a long key", p -> p.keyLength = huge, "bytes of text"),
                lie("an unknown value type", p -> p.valueType = 13, "has the type 13"),
                lie("a long value", p -> p.valueLength = huge, "bytes of text"),
                lie("an unknown tensor type", p -> p.type = 99, "tensor a has the type number 99"),
                lie("a type that is not read", p -> p.type = 10, "tensor a has the type number 10"),
                lie("five dimensions", p -> p.dimensions = 5, "tensor a has 5 dimensions"),
                lie("a negative dimension", p -> p.rows = -2, "tensor a has a dimension of -2"),
                lie("a huge dimension", p -> p.rows = huge, "the shape of tensor a is too large"),
                lie("more rows than bytes", p -> p.rows = 1_000, "tensor a needs 16000 bytes from 0 on"),
                lie("half a block", p -> p.type = 8, "no whole number of Q8_0 blocks"),
                lie("an offset beyond the end", p -> p.offset = 1 << 20, "tensor b needs 32 bytes from 1048576 on"),
                lie("an offset near the largest", p -> p.offset = Long.MAX_VALUE - 31, "tensor b needs 32 bytes"),
                lie("a negative offset", p -> p.offset = -32, "no multiple of 32"),
                lie("an offset off the grid", p -> p.offset = 33, "no multiple of 32"),
                lie("overlapping tensors", p -> p.offset = 0, "tensors a and b overlap"),
                lie("a tensor twice", p -> p.second = "a", "the tensor a twice"),
                lie("a key that is not UTF-8", p -> p.key = new byte[] {(byte) 0xFF, 'e', 'y'}, "not UTF-8"),
                lie("an empty key", p -> p.keyLength = 0, "a key of its metadata has 0 characters"),
                lie("a wrong alignment", Parts::misalign, "general.alignment is 12"),
                lie("a key twice", Parts::repeat, "the key key twice"),
                lie("a truth value of 2", Parts::badFlag, "a truth value of its metadata is 2"),
                lie("lists without end", Parts::nest, "deep in each other"));
    }

    private static GgufBytes lie(String name, Consumer<Parts> change, String reason) {
        Parts parts = new Parts();
        change.accept(parts);
        return new GgufBytes(name, parts.bytes(), reason);
    }

    /// What the file consists of.
    private static final class Parts {
        private int magic = GgufFile.MAGIC;
        private int version = GgufFile.VERSION;
        private long tensors = 2;
        private long pairs = 1;
        private byte[] key = "key".getBytes(StandardCharsets.UTF_8);
        private long keyLength = 3;
        private int valueType = ValueType.TEXT.number();
        private long valueLength = 5;
        private byte[] more = {};
        private int dimensions = 2;
        private long rows = 2;
        private int type = TensorEncoding.F32.number();
        private String second = "b";
        private long offset = 32;

        private void misalign() {
            more("general.alignment", ValueType.U32, new byte[] {12, 0, 0, 0});
        }

        private void repeat() {
            more("key", ValueType.U8, new byte[] {1});
        }

        private void badFlag() {
            more("flag", ValueType.BOOL, new byte[] {2});
        }

        private void nest() {
            ByteBuffer lists = ByteBuffer.allocate(12 * 40).order(ByteOrder.LITTLE_ENDIAN);
            while (lists.hasRemaining()) {
                lists.putInt(ValueType.ITEMS.number()).putLong(1);
            }
            more("lists", ValueType.ITEMS, lists.array());
        }

        private void more(String name, ValueType kind, byte[] value) {
            pairs = 2;
            ByteBuffer pair =
                    ByteBuffer.allocate(12 + name.length() + value.length).order(ByteOrder.LITTLE_ENDIAN);
            pair.putLong(name.length()).put(name.getBytes(StandardCharsets.UTF_8));
            more = pair.putInt(kind.number()).put(value).array();
        }

        private byte[] bytes() {
            ByteBuffer head = ByteBuffer.allocate(4_096).order(ByteOrder.LITTLE_ENDIAN);
            head.putInt(magic).putInt(version).putLong(tensors).putLong(pairs);
            head.putLong(keyLength).put(key).putInt(valueType);
            head.putLong(valueLength)
                    .put("value".getBytes(StandardCharsets.UTF_8))
                    .put(more);
            tensor(head, "a", 0);
            tensor(head, second, offset);
            byte[] padded = new byte[Math.ceilDiv(head.position(), 32) * 32];
            head.get(0, padded, 0, head.position());
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            out.writeBytes(padded);
            out.writeBytes(new byte[64]);
            return out.toByteArray();
        }

        private void tensor(ByteBuffer head, String name, long at) {
            head.putLong(1).put(name.getBytes(StandardCharsets.UTF_8));
            boolean first = at == 0 && name.equals("a");
            head.putInt(first ? dimensions : 2).putLong(4).putLong(first ? rows : 2);
            head.putInt(first ? type : TensorEncoding.F32.number()).putLong(at);
        }
    }
}

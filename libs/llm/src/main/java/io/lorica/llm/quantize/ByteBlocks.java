package io.lorica.llm.quantize;

import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorDevice;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.tensor.Tensors;

/// Numbers in 8 bits of a code book, in blocks of 256 with a scale each (https://arxiv.org/abs/2110.02861, section
/// 2.1).
///
/// @param book the code book
/// @param codes uint8 `(N)`
/// @param largest the largest absolute value of each block, float32
public record ByteBlocks(CodeBook book, Tensor codes, Tensor largest) {

    /// Elements of a block.
    public static final int BLOCK = 256;

    /// The nearest that 8 bits can do to x `(N)`, in the scope of x.
    public static ByteBlocks of(CodeBook book, Tensor x) {
        Tensor largest = Blocks.largest(x, BLOCK);
        return new ByteBlocks(book, book.encode(Blocks.normalized(x, largest, BLOCK)), largest);
    }

    /// Zeros on a device, in a scope.
    public static ByteBlocks zeros(TensorScope scope, CodeBook book, TensorDevice device, long length) {
        return new ByteBlocks(
                book,
                scope.empty(ElementType.U8, device, length).zeroInPlace(),
                scope.empty(ElementType.F32, device, Blocks.count(length, BLOCK))
                        .zeroInPlace());
    }

    /// Some of them, without a copy, in a scope.
    ///
    /// @param from the first, a multiple of [#BLOCK]
    /// @param length how many
    public ByteBlocks part(TensorScope scope, long from, long length) {
        return new ByteBlocks(
                book,
                Tensors.narrow(scope.borrow(codes), 0, from, length),
                Tensors.narrow(scope.borrow(largest), 0, from / BLOCK, Blocks.count(length, BLOCK)));
    }

    /// A copy on a device, in the same scope.
    public ByteBlocks copyTo(TensorDevice device) {
        return new ByteBlocks(book, codes.copyTo(device), largest.copyTo(device));
    }

    /// What they stand for, float32 `(N)`, in a scope.
    public Tensor values(TensorScope scope) {
        Tensor values = book.decode(scope.borrow(codes));
        Blocks.multiplyInPlace(values, largest, BLOCK);
        return values;
    }

    /// Takes over other numbers, as many.
    public void set(ByteBlocks other) {
        Tensors.copyInto(codes, other.codes);
        Tensors.copyInto(largest, other.largest);
    }

    /// How many bytes they take in memory.
    public long bytes() {
        return codes.bytes() + largest.bytes();
    }
}

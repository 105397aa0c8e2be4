package io.lorica.llm.quantize;

import io.lorica.llm.tensor.Tensor;
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

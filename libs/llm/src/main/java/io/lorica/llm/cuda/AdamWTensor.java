package io.lorica.llm.cuda;

/// One trained tensor as the optimizer sees it.
///
/// @param values float32 `(elements)`
/// @param gradient float32 `(elements)`
/// @param elements less than 2³¹
/// @param moments the optimizer's state
/// @param rateFactor what its learning rate is multiplied with
/// @param decay λ
/// @param copy where its values go for the forward pass
public record AdamWTensor(
        long values, long gradient, long elements, Moments moments, double rateFactor, double decay, Copy copy) {

    /// Mean and variance of the gradients, of equal kind for all tensors of an optimizer.
    public sealed interface Moments {

        /// Both float32 `(elements)`.
        record Full(long first, long second) implements Moments {}

        /// Both uint8 `(elements)`, and the largest absolute value of each 256 elements, float32.
        record EightBit(long first, long second, long firstLargest, long secondLargest) implements Moments {}
    }

    /// A matrix that gets factor · values in the model's type, row by row.
    ///
    /// @param rows where; [Rows#NONE] if nowhere
    /// @param columns how many elements make a row
    /// @param factor what they are multiplied with
    public record Copy(Rows rows, int columns, double factor) {

        /// No copy.
        public static final Copy NONE = new Copy(Rows.NONE, 1, 1);
    }

    public AdamWTensor {
        if (elements <= 0 || elements > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("a tensor of " + elements + " elements is empty or too large");
        }
        if (copy.columns() <= 0) {
            throw new IllegalArgumentException("a copy needs rows of at least one element");
        }
    }
}

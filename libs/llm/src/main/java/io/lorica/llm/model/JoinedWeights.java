package io.lorica.llm.model;

import java.util.List;

import io.lorica.llm.quantize.QuantizedMatrix;
import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.tensor.Tensors;
import org.jspecify.annotations.Nullable;

/// The frozen matrices of a group of projections, one below the other. Dimensions: O outputs of all, I inputs.
public sealed interface JoinedWeights {

    /// `(O)`, zero where a projection has none; null where none has one.
    @Nullable
    Tensor bias();

    /// I
    int inputs();

    /// O
    int outputs();

    /// The type that they are computed with.
    ElementType type();

    /// In one piece of memory; each projection's own matrix is a view of it.
    ///
    /// @param matrix `(O, I + R)`; the last R columns are room for adapters, zero until some are written there
    /// @param bias `(O)` or null
    /// @param inputs I
    record Stored(Tensor matrix, @Nullable Tensor bias, int inputs) implements JoinedWeights {

        /// R
        public int room() {
            return Math.toIntExact(matrix.size(1)) - inputs;
        }

        @Override
        public int outputs() {
            return Math.toIntExact(matrix.size(0));
        }

        @Override
        public ElementType type() {
            return matrix.type();
        }
    }

    /// In few bits, matrix by matrix; they become numbers for the length of each use.
    ///
    /// @param parts the matrices from top to bottom
    /// @param bias `(O)` or null
    /// @param type what the numbers are stored in
    record Quantized(List<QuantizedMatrix> parts, @Nullable Tensor bias, ElementType type) implements JoinedWeights {

        public Quantized {
            parts = List.copyOf(parts);
        }

        @Override
        public int inputs() {
            return Math.toIntExact(parts.getFirst().columns());
        }

        @Override
        public int outputs() {
            return Math.toIntExact(
                    parts.stream().mapToLong(QuantizedMatrix::rows).sum());
        }

        /// The numbers, `(O, I)`, in a scope.
        public Tensor values(TensorScope scope) {
            Tensor values = scope.empty(type, outputs(), inputs());
            long next = 0;
            for (QuantizedMatrix part : parts) {
                part.dequantizeInto(Tensors.narrow(values, 0, next, part.rows()));
                next += part.rows();
            }
            return values;
        }
    }
}

package io.lorica.llm.model;

import java.util.List;

import io.lorica.llm.projection.Dense;
import io.lorica.llm.projection.QuantizedWeight;
import io.lorica.llm.quantize.QuantizedMatrix;
import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.tensor.Tensors;
import org.jspecify.annotations.Nullable;

/// The frozen matrices of a group of projections, one below the other. Dimensions: O outputs of all, I
/// inputs.
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

    /// A projection's own part of them, which shares their memory.
    ///
    /// @param kind one of the group
    Dense projection(ModelConfig config, ProjectionKind kind);

    /// A projection's own part of the bias, null where it has none.
    ///
    /// @param kind one of the group
    default @Nullable Tensor bias(ModelConfig config, ProjectionKind kind) {
        Tensor all = bias();
        return all == null || !config.hasBias(kind)
                ? null
                : Tensors.narrow(all, 0, ProjectionGroup.of(kind).offset(config, kind), config.outputs(kind));
    }

    /// In one piece of memory; each projection's own matrix is a view of it. Beside the matrices is room
    /// for R columns of adapters, s·B. Below them is room for their R rows, A, where the matrices are so
    /// much wider than high that one product of both on the way back is less than two. The room is zero
    /// until something is written there.
    ///
    /// @param memory `(O, I + R)`, or with rows below `(O + R, I + R)`
    /// @param bias `(O)` or null
    /// @param inputs I
    /// @param outputs O
    record Stored(Tensor memory, @Nullable Tensor bias, int inputs, int outputs) implements JoinedWeights {

        /// Weights of zeros.
        ///
        /// @param room R
        public static Stored empty(
                TensorScope scope, ElementType type, int outputs, int inputs, int room, @Nullable Tensor bias) {
            // Two products read and write (N, I) once more; one has to copy (N, O) and to read it twice.
            int below = 2L * inputs > 3L * outputs ? room : 0;
            Tensor memory = scope.zeros(type, (long) outputs + below, (long) inputs + room);
            return new Stored(memory, bias, inputs, outputs);
        }

        /// The matrices without the room, `(O, I)`.
        public Tensor values() {
            return Tensors.narrow(Tensors.narrow(memory, 0, 0, outputs), 1, 0, inputs);
        }

        @Override
        public Dense projection(ModelConfig config, ProjectionKind kind) {
            int offset = ProjectionGroup.of(kind).offset(config, kind);
            return Dense.of(Tensors.narrow(values(), 0, offset, config.outputs(kind)), bias(config, kind));
        }

        /// R
        public int room() {
            return Math.toIntExact(memory.size(1)) - inputs;
        }

        /// Whether there is room for rows too.
        public boolean hasRowsBelow() {
            return memory.size(0) > outputs;
        }

        @Override
        public ElementType type() {
            return memory.type();
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

        @Override
        public Dense projection(ModelConfig config, ProjectionKind kind) {
            QuantizedMatrix own = parts.get(ProjectionGroup.of(kind).kinds().indexOf(kind));
            return new Dense(new QuantizedWeight(own, type), bias(config, kind));
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

package io.lorica.llm.fused;

import java.util.ArrayList;
import java.util.List;

import io.lorica.llm.model.SequenceLayout;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.tensor.Tensors;

/// The tokens of a batch one sequence behind the other, without padding between them. Dimensions: B rows and T
/// positions of the batch, N tokens, S sequences.
///
/// @param tokens int64 `(N)`
/// @param places for each of the B · T positions its place among the N, int64 `(B · T)`; 0 at padding
/// @param lengths the length of each sequence
/// @param positions the position of each token within its sequence, int64 `(N)`
record PackedTokens(Tensor tokens, Tensor places, List<Integer> lengths, Tensor positions) {

    /// As many as there are.
    ///
    /// @param tokens int64 `(B, T)`
    static PackedTokens of(TensorScope scope, Tensor tokens, SequenceLayout layout) {
        return of(scope, tokens, layout, layout.tokens());
    }

    /// Filled up to N with tokens that are a sequence of their own, each at its first position.
    ///
    /// @param tokens int64 `(B, T)`
    /// @param count N
    static PackedTokens of(TensorScope scope, Tensor tokens, SequenceLayout layout, int count) {
        List<Integer> lengths = new ArrayList<>();
        long[] sources = new long[count];
        long[] places = new long[layout.rows() * layout.width()];
        long[] positions = new long[count];
        int next = 0;
        for (SequenceLayout.Sequence sequence : layout.sequences()) {
            int first = sequence.row() * layout.width() + sequence.start();
            for (int i = 0; i < sequence.length(); i++) {
                sources[next] = first + i;
                places[first + i] = next;
                positions[next++] = i;
            }
            lengths.add(sequence.length());
        }
        lengths.add(count - next);
        lengths.removeIf(length -> length == 0);
        Tensor flat = scope.borrow(tokens).reshape(-1);
        return new PackedTokens(
                Tensors.rows(flat, scope.longs(sources, count)),
                scope.longs(places, places.length),
                List.copyOf(lengths),
                scope.longs(positions, count));
    }

    /// N
    long count() {
        return tokens.size(0);
    }
}

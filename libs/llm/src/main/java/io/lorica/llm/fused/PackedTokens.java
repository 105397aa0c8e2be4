package io.lorica.llm.fused;

import java.util.List;

import io.lorica.llm.model.SequenceLayout;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.tensor.Tensors;

/// The tokens of a batch one sequence behind the other, without padding. Dimensions: B rows and T positions
/// of the batch, N tokens, S sequences.
///
/// @param tokens int64 `(N)`
/// @param places for each of the B · T positions its place among the N, int64 `(B · T)`; 0 at padding
/// @param lengths the length of each sequence
/// @param positions the position of each token within its sequence, int64 `(N)`
record PackedTokens(Tensor tokens, Tensor places, List<Integer> lengths, Tensor positions) {

    /// @param tokens int64 `(B, T)`
    static PackedTokens of(TensorScope scope, Tensor tokens, SequenceLayout layout) {
        List<SequenceLayout.Sequence> sequences =
                layout.sequences().stream().filter(s -> s.length() > 0).toList();
        int count = sequences.stream().mapToInt(SequenceLayout.Sequence::length).sum();
        long[] sources = new long[count];
        long[] places = new long[layout.rows() * layout.width()];
        long[] positions = new long[count];
        int next = 0;
        for (SequenceLayout.Sequence sequence : sequences) {
            int first = sequence.row() * layout.width() + sequence.start();
            for (int i = 0; i < sequence.length(); i++) {
                sources[next] = first + i;
                places[first + i] = next;
                positions[next++] = i;
            }
        }
        Tensor flat = scope.borrow(tokens).reshape(-1);
        return new PackedTokens(
                Tensors.rows(flat, scope.longs(sources, count)),
                scope.longs(places, places.length),
                sequences.stream().map(SequenceLayout.Sequence::length).toList(),
                scope.longs(positions, count));
    }

    /// N
    long count() {
        return tokens.size(0);
    }

    /// How many tokens the longest sequence has.
    int longest() {
        return lengths.stream().mapToInt(Integer::intValue).max().orElse(1);
    }
}

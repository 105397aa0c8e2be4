package io.lorica.llm.train;

import java.util.ArrayList;
import java.util.List;

import io.lorica.llm.model.SequenceLayout;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;

/// Rows of one forward pass, padded at their ends to one length, and the positions to learn from. A position predicts
/// its next token, so the positions are one before the learned tokens. Dimensions: B rows, T positions, N learned.
///
/// @param tokens int64 `(B, T)`
/// @param positions int64 `(N)`, into the B · T positions
/// @param targets int64 `(N)`, the token that each of them should predict
/// @param learned what each of the N is, in the same order
/// @param inputTokens how many tokens the rows have without padding
record Batch(Tensor tokens, Tensor positions, Tensor targets, List<Learned> learned, long inputTokens) {

    /// One learned token.
    ///
    /// @param line the row's line in the uploaded file
    /// @param thinking whether it is reasoning
    record Learned(int line, boolean thinking) {}

    /// Where the rows' sequences lie.
    SequenceLayout layout() {
        return SequenceLayout.whole((int) tokens.size(0), (int) tokens.size(1));
    }

    static Batch collate(TensorScope scope, List<TokenizedExample> rows) {
        int width = rows.stream().mapToInt(row -> row.tokens().length).max().orElseThrow();
        // Padding is token 0, and could be any: no position looks ahead, and nothing is learned at padding.
        long[] tokens = new long[rows.size() * width];
        List<Learned> learned = new ArrayList<>();
        int count = rows.stream().mapToInt(TokenizedExample::learned).sum();
        long[] positions = new long[count];
        long[] targets = new long[count];
        for (int b = 0; b < rows.size(); b++) {
            TokenizedExample row = rows.get(b);
            for (int t = 0; t < row.tokens().length; t++) {
                tokens[b * width + t] = row.tokens()[t];
                if (t >= row.promptLength()) {
                    positions[learned.size()] = (long) b * width + t - 1;
                    targets[learned.size()] = row.tokens()[t];
                    learned.add(new Learned(row.line(), t < row.answerStart()));
                }
            }
        }
        return new Batch(
                scope.longs(tokens, rows.size(), width),
                scope.longs(positions, count),
                scope.longs(targets, count),
                List.copyOf(learned),
                rows.stream().mapToLong(row -> row.tokens().length).sum());
    }
}

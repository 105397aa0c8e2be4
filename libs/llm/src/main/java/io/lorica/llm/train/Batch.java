package io.lorica.llm.train;

import java.util.ArrayList;
import java.util.List;

import io.lorica.llm.fused.PassBatch;
import io.lorica.llm.model.SequenceLayout;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;

/// Windows of one forward pass, padded at their ends to one length, and the positions to learn from. A position
/// predicts its next token, so the positions are one before the learned tokens. Dimensions: B windows, T positions, N
/// learned.
///
/// @param tokens int64 `(B, T)`
/// @param layout where the sequences lie
/// @param positions int64 `(N)`, into the B · T positions
/// @param targets int64 `(N)`, the token that each of them should predict
/// @param learned what each of the N is, in the same order
record Batch(Tensor tokens, SequenceLayout layout, Tensor positions, Tensor targets, List<Learned> learned) {

    /// One learned token.
    ///
    /// @param line the row's line in the uploaded file
    /// @param part what it belongs to
    record Learned(int line, TextPart part) {}

    /// The same under handles of that scope, so that what is computed from them belongs there.
    Batch in(TensorScope scope) {
        return new Batch(scope.borrow(tokens), layout, scope.borrow(positions), scope.borrow(targets), learned);
    }

    /// What a pass by hand takes of it.
    PassBatch forPass() {
        return new PassBatch(tokens, layout, positions, targets);
    }

    /// A batch of sequences that each have a window of their own.
    static Batch collate(TensorScope scope, List<TokenizedExample> rows) {
        return of(scope, Windows.single(rows));
    }

    /// A batch of windows.
    static Batch of(TensorScope scope, List<Window> windows) {
        int width = windows.stream().mapToInt(Window::length).max().orElseThrow();
        int learned = windows.stream().mapToInt(Window::learned).sum();
        Collation collation = new Collation(windows.size(), width, learned);
        windows.forEach(collation::add);
        return collation.batch(scope);
    }

    /// A batch as it is put together on the host.
    private static final class Collation {

        private final int width;
        // Padding is token 0, and could be any: no position looks ahead, and nothing is learned at padding.
        private final long[] tokens;
        private final List<SequenceLayout.Sequence> sequences = new ArrayList<>();
        private final long[] positions;
        private final long[] targets;
        private final List<Learned> learned;
        private int rows;

        Collation(int rows, int width, int learned) {
            this.width = width;
            this.tokens = new long[rows * width];
            this.positions = new long[learned];
            this.targets = new long[learned];
            this.learned = new ArrayList<>(learned);
        }

        void add(Window window) {
            int start = 0;
            for (TokenizedExample example : window.examples()) {
                add(example, start);
                start += example.tokens().length;
            }
            rows++;
        }

        private void add(TokenizedExample example, int start) {
            sequences.add(new SequenceLayout.Sequence(rows, start, example.tokens().length));
            int first = rows * width + start;
            for (int t = 0; t < example.tokens().length; t++) {
                tokens[first + t] = example.tokens()[t];
                if (t >= example.learnedFrom()) {
                    positions[learned.size()] = (long) first + t - 1;
                    targets[learned.size()] = tokens[first + t];
                    learned.add(new Learned(example.line(), example.part(t)));
                }
            }
        }

        Batch batch(TensorScope scope) {
            return new Batch(
                    scope.longs(tokens, rows, width),
                    new SequenceLayout(rows, width, sequences),
                    scope.longs(positions, positions.length),
                    scope.longs(targets, targets.length),
                    List.copyOf(learned));
        }
    }
}

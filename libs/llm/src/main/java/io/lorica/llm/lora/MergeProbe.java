package io.lorica.llm.lora;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

import io.lorica.contracts.adapter.MergeProof;
import io.lorica.llm.model.CausalLm;
import io.lorica.llm.tensor.Autograd;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorDevice;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.tensor.Tensors;

/// The scores that a model gives on probe rows, kept in the host's memory to be compared with another model's. A few
/// positions of each row, evenly spread, stand for all, for the scores of one position are as many as the vocabulary.
///
/// Dimensions: P positions, V tokens of the vocabulary.
public final class MergeProbe implements AutoCloseable {

    /// The most rows that are asked about.
    public static final int MOST_ROWS = 8;
    /// The most tokens of a row.
    public static final int MOST_TOKENS = 512;
    /// The most positions of a row whose scores are kept.
    public static final int MOST_POSITIONS = 32;

    private final TensorScope scope = TensorScope.open("merge-probe");
    private final List<int[]> rows;
    private final List<Tensor> scores = new ArrayList<>();

    /// Asks the model that another is to be compared with.
    ///
    /// @param rows tokens of rows; the first few are used
    public MergeProbe(CausalLm model, List<int[]> rows) {
        this.rows = rows.stream().limit(MOST_ROWS).toList();
        try {
            this.rows.forEach(row -> scores.add(scope.adopt(scores(model, row))));
        } catch (RuntimeException e) {
            scope.close();
            throw e;
        }
    }

    /// Compares another model's scores.
    ///
    /// @param margin how far apart the two best tokens are at least where no other may be first
    public MergeProof.Distance compare(CausalLm other, double margin) {
        Difference difference = new Difference(margin);
        for (int i = 0; i < rows.size(); i++) {
            try (Tensor theirs = scores(other, rows.get(i))) {
                difference.add(
                        scores.get(i).toFloatArray(),
                        theirs.toFloatArray(),
                        other.config().vocabularySize());
            }
        }
        return difference.distance();
    }

    /// How many rows are asked about.
    public int rows() {
        return rows.size();
    }

    /// At how many of their positions.
    public int positions() {
        return scores.stream().mapToInt(row -> (int) row.size(0)).sum();
    }

    @Override
    public void close() {
        scope.close();
    }

    /// `(P, V)` in float32, on the host.
    private Tensor scores(CausalLm model, int... row) {
        int length = Math.min(row.length, MOST_TOKENS);
        try (TensorScope work = scope.child("scores");
                Autograd off = Autograd.off()) {
            long[] tokens = IntStream.of(row).limit(length).asLongStream().toArray();
            long[] positions = positions(length);
            Tensor hidden = model.hiddenStates(work.longs(tokens, 1, length)).reshape(length, -1);
            Tensor logits = model.logits(Tensors.rows(hidden, work.longs(positions, positions.length)));
            return scope.adopt(logits.copyTo(TensorDevice.cpu()));
        }
    }

    /// Up to so many positions, evenly spread, the last one among them.
    private static long[] positions(int length) {
        int count = Math.min(length, MOST_POSITIONS);
        return IntStream.rangeClosed(1, count)
                .mapToLong(i -> (long) i * length / count - 1)
                .toArray();
    }

    /// The distances over the positions so far.
    private static final class Difference {

        private final double margin;
        private int positions;
        private int agreed;
        private int decisive;
        private int decisiveAgreed;
        private double greatestLogit;
        private double divergences;
        private double greatestDivergence;

        Difference(double margin) {
            this.margin = margin;
        }

        /// Adds rows of scores, `(P, V)`.
        void add(float[] expected, float[] actual, int vocabulary) {
            for (int from = 0; from < expected.length; from += vocabulary) {
                addPosition(expected, actual, from, from + vocabulary);
            }
        }

        private void addPosition(float[] expected, float[] actual, int from, int to) {
            double expectedSum = logSumExp(expected, from, to);
            double actualSum = logSumExp(actual, from, to);
            double divergence = 0;
            for (int i = from; i < to; i++) {
                double logProbability = expected[i] - expectedSum;
                divergence += Math.exp(logProbability) * (logProbability - (actual[i] - actualSum));
                greatestLogit = Math.max(greatestLogit, Math.abs((double) expected[i] - actual[i]));
            }
            divergences += divergence;
            greatestDivergence = Math.max(greatestDivergence, divergence);
            countFirst(greatest(expected, from, to) == greatest(actual, from, to), lead(expected, from, to));
        }

        private void countFirst(boolean same, double lead) {
            positions++;
            agreed += same ? 1 : 0;
            if (lead > margin) {
                decisive++;
                decisiveAgreed += same ? 1 : 0;
            }
        }

        MergeProof.Distance distance() {
            return new MergeProof.Distance(
                    greatestLogit,
                    divergences / positions,
                    greatestDivergence,
                    (double) agreed / positions,
                    decisive,
                    decisive == 0 ? 1 : (double) decisiveAgreed / decisive);
        }

        /// How far the best is above the second.
        private static double lead(float[] values, int from, int to) {
            int first = greatest(values, from, to);
            double second = Double.NEGATIVE_INFINITY;
            for (int i = from; i < to; i++) {
                second = i == first ? second : Math.max(second, values[i]);
            }
            return values[first] - second;
        }

        private static double logSumExp(float[] values, int from, int to) {
            double most = values[greatest(values, from, to)];
            double sum = 0;
            for (int i = from; i < to; i++) {
                sum += Math.exp(values[i] - most);
            }
            return most + Math.log(sum);
        }

        private static int greatest(float[] values, int from, int to) {
            int greatest = from;
            for (int i = from + 1; i < to; i++) {
                if (values[i] > values[greatest]) {
                    greatest = i;
                }
            }
            return greatest;
        }
    }
}

package io.lorica.llm.train;

import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import io.lorica.contracts.job.TrainingPlan;

/// Which rows or windows of rows each optimizer step learns from: every epoch is a new order, decided by seed and epoch
/// alone, so that a step's rows can be told without the steps before it. The last step of an epoch takes what is left.
///
/// @param rows how many rows or windows there are
/// @param rowsPerStep batch size times accumulation
/// @param seed what decides the order
record RowOrder(int rows, int rowsPerStep, long seed) {

    int stepsPerEpoch() {
        return (rows + rowsPerStep - 1) / rowsPerStep;
    }

    int totalSteps(TrainingPlan plan) {
        Integer limit = plan.maxSteps();
        return limit == null ? Math.multiplyExact(stepsPerEpoch(), plan.epochs()) : limit;
    }

    /// The epoch that a step belongs to, from 0.
    int epoch(int step) {
        return (step - 1) / stepsPerEpoch();
    }

    /// The indices of the rows of a step, counted from 1.
    List<Integer> rowsOf(int step) {
        return rowsOf((step - 1) % stepsPerEpoch(), order(epoch(step)));
    }

    /// The indices of the rows of all steps of an epoch, step by step.
    Stream<List<Integer>> stepsOf(int epoch) {
        int[] order = order(epoch);
        return IntStream.range(0, stepsPerEpoch()).mapToObj(step -> rowsOf(step, order));
    }

    private int[] order(int epoch) {
        return shuffled(rows, Seeds.mix(seed, epoch));
    }

    private List<Integer> rowsOf(int stepInEpoch, int... order) {
        int from = stepInEpoch * rowsPerStep;
        int to = Math.min(rows, from + rowsPerStep);
        return IntStream.range(from, to).mapToObj(i -> order[i]).toList();
    }

    /// The numbers below a limit, from 0 on.
    static int[] inOrder(int rows) {
        return IntStream.range(0, rows).toArray();
    }

    /// The numbers below a limit in an order that a seed decides.
    static int[] shuffled(int rows, long seed) {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        int[] order = inOrder(rows);
        for (int i = rows - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            int swapped = order[i];
            order[i] = order[j];
            order[j] = swapped;
        }
        return order;
    }
}

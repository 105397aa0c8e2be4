package io.lorica.llm.train;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import io.lorica.contracts.job.TrainingPlan;

/// The windows of a run, which each optimizer step takes some of. Every epoch has a new order, and new companions
/// where sequences share windows, decided by seed and epoch alone: a step's windows can be told without the steps
/// before
/// it. Remembers one epoch; belongs to one thread.
final class Windows {

    private final List<TokenizedExample> examples;
    private final boolean packing;
    private final int capacity;
    private final long seed;
    private final RowOrder order;
    private int epoch = -1;
    private List<Window> windows = List.of();

    /// @param packing whether sequences share windows
    /// @param capacity tokens of a window that is shared
    /// @param windowsPerStep batch size times accumulation
    Windows(List<TokenizedExample> examples, boolean packing, int capacity, int windowsPerStep, long seed) {
        this.examples = examples;
        this.packing = packing;
        this.capacity = capacity;
        this.seed = seed;
        this.order = new RowOrder(of(0).size(), windowsPerStep, seed);
    }

    RowOrder order() {
        return order;
    }

    /// The windows of a step, counted from 1.
    List<Window> ofStep(int step) {
        List<Window> all = of(order.epoch(step));
        return order.rowsOf(step).stream().map(all::get).toList();
    }

    /// Every micro-batch of a plan, step by step; of a plan that packs those of the first epoch, for the lengths of
    /// windows are the same in each.
    Stream<List<Window>> parts(TrainingPlan plan) {
        int steps = order.totalSteps(plan);
        return IntStream.rangeClosed(0, packing ? 0 : order.epoch(steps))
                .boxed()
                .flatMap(this::steps)
                .limit(steps)
                .flatMap(step -> parts(step, plan.batchSize()).stream());
    }

    private Stream<List<Window>> steps(int wanted) {
        List<Window> all = of(wanted);
        return order.stepsOf(wanted).map(rows -> rows.stream().map(all::get).toList());
    }

    private List<Window> of(int wanted) {
        if (wanted != epoch) {
            windows = packing ? packed(wanted) : single(examples);
            epoch = wanted;
        }
        return windows;
    }

    /// Each sequence in a window of its own.
    static List<Window> single(List<TokenizedExample> examples) {
        return examples.stream().map(Window::of).toList();
    }

    private List<Window> packed(int wanted) {
        return packed(examples, RowOrder.shuffled(examples.size(), Seeds.mix(seed, wanted, 1)), capacity);
    }

    /// Sequences that share windows.
    ///
    /// @param equalsFirst the order in which sequences of equal length are taken
    /// @param capacity tokens of a window
    static List<Window> packed(List<TokenizedExample> examples, int[] equalsFirst, int capacity) {
        int[] lengths =
                examples.stream().mapToInt(example -> example.tokens().length).toArray();
        List<Window> packed = new ArrayList<>();
        for (List<Integer> places : WindowPacker.pack(lengths, equalsFirst, capacity)) {
            packed.add(new Window(places.stream().map(examples::get).toList()));
        }
        return packed;
    }

    /// Windows in groups of at most that size, in order.
    static List<List<Window>> parts(List<Window> windows, int size) {
        return IntStream.iterate(0, from -> from < windows.size(), from -> from + size)
                .mapToObj(from -> windows.subList(from, Math.min(windows.size(), from + size)))
                .toList();
    }
}

package io.lorica.llm.bench;

import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/// A logarithmic axis between two ticks: the same ratio is the same distance everywhere on it.
///
/// @param from where it begins, above 0
/// @param to where it ends, above from
/// @param length in pixels
record LogarithmicAxis(double from, double to, int length) {

    private static final List<Integer> STEPS = List.of(1, 2, 5);
    private static final int MOST_FINE_TICKS = 13;
    private static final double ROUNDING = 1e-9;
    // Of the least value and the first tick: a bar that begins there is long enough to be seen.
    private static final double LEAST_RATIO = 1.2;

    /// The narrowest axis that shows values as bars; those that are not positive have no place on it.
    static LogarithmicAxis of(DoubleStream values, int length) {
        double[] positive = values.filter(value -> value > 0).sorted().toArray();
        double least = positive.length == 0 ? 1 : positive[0];
        double most = positive.length == 0 ? 1 : positive[positive.length - 1];
        return new LogarithmicAxis(tickBelow(least / LEAST_RATIO), tickAbove(most), length);
    }

    /// Pixels from the beginning to a value, within the axis.
    double at(double value) {
        return length * Math.log(Math.clamp(value, from, to) / from) / Math.log(to / from);
    }

    /// 1, 2 and 5 of each power of ten, or the powers alone where that would be too many.
    List<Double> ticks() {
        List<Double> all = all(from, to);
        return all.size() <= MOST_FINE_TICKS
                ? all
                : all.stream().filter(LogarithmicAxis::powerOfTen).toList();
    }

    private static List<Double> all(double from, double to) {
        return IntStream.rangeClosed(exponent(from), exponent(to))
                .boxed()
                .flatMap(power -> STEPS.stream().map(step -> step * Math.pow(10, power)))
                .filter(tick -> tick >= from * (1 - ROUNDING) && tick <= to * (1 + ROUNDING))
                .toList();
    }

    private static boolean powerOfTen(double tick) {
        double power = Math.log10(tick);
        return Math.abs(power - Math.rint(power)) < ROUNDING;
    }

    private static double tickBelow(double value) {
        return all(value / 10, value).getLast();
    }

    private static double tickAbove(double value) {
        return all(value, value * 10).getFirst();
    }

    private static int exponent(double value) {
        return (int) Math.floor(Math.log10(value));
    }
}

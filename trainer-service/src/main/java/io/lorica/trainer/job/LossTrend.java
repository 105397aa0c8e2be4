package io.lorica.trainer.job;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

import io.lorica.contracts.job.StepMetrics;

/// Where the losses of a run went from its beginning to its end.
///
/// @param steps what the run measured, in the order of its steps
public record LossTrend(List<StepMetrics> steps) {

    private static final int FEWEST = 4;
    private static final int MOST_AVERAGED = 10;
    private static final int SHARE_AVERAGED = 4;
    private static final int VANISHED = 3;

    public LossTrend {
        steps = List.copyOf(steps);
    }

    /// The trend of measured steps.
    public static LossTrend of(Collection<StepMetrics> steps) {
        return new LossTrend(new ArrayList<>(steps));
    }

    /// What the user should know of a run that has learned nothing, in a sentence; empty where it got better.
    public Optional<String> warning() {
        return vanished().or(this::noBetter);
    }

    private Optional<String> vanished() {
        int zero = 0;
        while (zero < steps.size() && steps.get(steps.size() - 1 - zero).gradientNorm() == 0) {
            zero++;
        }
        boolean many = zero >= VANISHED || (zero > 0 && zero == steps.size());
        return many
                ? Optional.of("The gradients vanished: their norm was 0 from step "
                        + steps.get(steps.size() - zero).step()
                        + " to the end, so that the adapter learned nothing there. Lower learning_rate, and try the"
                        + " checkpoints before that step.")
                : Optional.empty();
    }

    private Optional<String> noBetter() {
        if (steps.size() < FEWEST) {
            return Optional.empty();
        }
        int averaged = Math.clamp(steps.size() / SHARE_AVERAGED, 1, MOST_AVERAGED);
        double first = mean(steps.subList(0, averaged));
        double last = mean(steps.subList(steps.size() - averaged, steps.size()));
        return last < first
                ? Optional.empty()
                : Optional.of(String.format(
                        Locale.ROOT,
                        "The run ended no better than it began: the training loss was %.4f over the first measured"
                                + " steps and %.4f over the last ones. Lower learning_rate, or look at the rows.",
                        first,
                        last));
    }

    private static double mean(List<StepMetrics> part) {
        return part.stream().mapToDouble(StepMetrics::trainLoss).average().orElseThrow();
    }
}

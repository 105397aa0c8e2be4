package io.lorica.trainer.api;

import java.util.Locale;

import io.lorica.contracts.event.DomainEvent;

/// The progress of a job's preparation in words, with counts and a percentage.
final class PreparationText {

    private static final double MIB = 1L << 20;
    private static final long GIB = 1L << 30;

    private PreparationText() {}

    static String of(DomainEvent.PreparationProgressed progress) {
        return switch (progress.stage()) {
            case FORMATTING -> "Formatting rows: " + bytes(progress);
            case DOWNLOADING -> "Downloading the base model: " + bytes(progress);
            case TOKENIZING -> "Tokenizing rows: " + progress.done() + " of " + progress.total() + percentage(progress);
        };
    }

    private static String bytes(DomainEvent.PreparationProgressed progress) {
        boolean large = progress.total() >= GIB;
        double unit = large ? GIB : MIB;
        return String.format(
                Locale.ROOT,
                "%.1f of %.1f %s%s",
                progress.done() / unit,
                progress.total() / unit,
                large ? "GiB" : "MiB",
                percentage(progress));
    }

    private static String percentage(DomainEvent.PreparationProgressed progress) {
        return progress.total() == 0 ? "" : " (" + 100 * progress.done() / progress.total() + " %)";
    }
}

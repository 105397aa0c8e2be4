package io.lorica.contracts.job;

import java.util.Locale;

import com.fasterxml.jackson.annotation.JsonIgnore;
import org.jspecify.annotations.Nullable;

/// What an attempt is forecast to take of its device's memory, and what it took, in bytes.
///
/// @param device the device, such as `cuda:0`
/// @param forecast what it is forecast to take at its peak: the parts below and the gaps that allocators leave
/// @param weights of the forecast: the base model with the room for the adapter beside it
/// @param adapter of the forecast: what is trained, its gradients and the optimizer's states
/// @param kept of the forecast: what the layers keep for the way back
/// @param working of the forecast: what one layer or the head needs at once
/// @param free what the device could give before the attempt took anything; null where it could not be asked
/// @param unasked why it could not be asked; null where it was
/// @param measured what the attempt took at its peak; null before its end, and where it cannot be told
public record MemoryUse(
        String device,
        long forecast,
        long weights,
        long adapter,
        long kept,
        long working,
        @Nullable Long free,
        @Nullable String unasked,
        @Nullable Long measured) {

    private static final double KIB = 1024;
    /// Heap, threads and other work of the process come and go by about as much.
    private static final long NOISE = 128L << 20;

    public MemoryUse {
        if ((free == null) == (unasked == null)) {
            throw new IllegalArgumentException("either what is free is known, or why it is not");
        }
    }

    /// The same with what was measured.
    public MemoryUse measured(long bytes) {
        return new MemoryUse(device, forecast, weights, adapter, kept, working, free, unasked, bytes);
    }

    /// Whether the device is a GPU.
    @JsonIgnore
    public boolean onGpu() {
        return !device.equals("cpu");
    }

    /// What was measured by what was forecast; null where nothing was measured, and where both differ by less than the
    /// process's own memory comes and goes by.
    @JsonIgnore
    public @Nullable Double ratio() {
        return measured == null || Math.abs(measured - forecast) < NOISE ? null : (double) measured / forecast;
    }

    /// Forecast or measurement in a sentence.
    @JsonIgnore
    public String sentence() {
        if (measured != null) {
            Double ratio = ratio();
            String compared = ratio == null
                    ? ", as forecast: " + words(forecast)
                    : String.format(Locale.ROOT, ", %.2f times the forecast of %s", ratio, words(forecast));
            return "At its peak the job took " + words(measured) + " of memory on " + device + compared;
        }
        String room = free == null
                ? "how much is free on " + device + " could not be asked, so the job begins unchecked: " + unasked
                : words(free) + " are free on " + device;
        return "The job is forecast to take " + need() + " of memory; " + room;
    }

    /// The forecast with its parts, such as `17.4 GiB (weights 14.3 GiB, adapter 612 MiB, kept 800 MiB, working 1.0
    /// GiB)`.
    @JsonIgnore
    public String need() {
        return words(forecast) + " (weights " + words(weights) + ", adapter " + words(adapter) + ", kept " + words(kept)
                + ", working " + words(working) + ")";
    }

    /// Bytes in words, such as `17.4 GiB` or `612 MiB`.
    public static String words(long bytes) {
        double mebibytes = bytes / (KIB * KIB);
        return mebibytes < KIB
                ? String.format(Locale.ROOT, "%.0f MiB", mebibytes)
                : String.format(Locale.ROOT, "%.1f GiB", mebibytes / KIB);
    }
}

package io.lorica.llm.train;

/// Seeds that follow from other numbers, so that no random state has to be saved.
final class Seeds {

    private static final long GOLDEN = 0x9E3779B97F4A7C15L;

    private Seeds() {}

    /// One seed of several numbers (the finaliser of SplitMix64, number by number).
    static long mix(long... numbers) {
        long seed = 0;
        for (long number : numbers) {
            seed = (seed + number + 1) * GOLDEN;
            seed = (seed ^ (seed >>> 30)) * 0xBF58476D1CE4E5B9L;
            seed = (seed ^ (seed >>> 27)) * 0x94D049BB133111EBL;
            seed ^= seed >>> 31;
        }
        return seed;
    }
}

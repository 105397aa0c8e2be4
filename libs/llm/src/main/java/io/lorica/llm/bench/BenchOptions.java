package io.lorica.llm.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/// What `./lorica bench` was asked for.
///
/// @param cases the rows of the table
/// @param peer the Python with transformers and peft to measure beside us
/// @param script the peer's script
/// @param output the directory of `bench.json` and `bench.svg`
/// @param parts whether to measure the parts of a step too, beside the least time that the device allows
record BenchOptions(List<BenchCase> cases, Optional<String> peer, Path script, Path output, boolean parts) {

    static final String USAGE = "usage: ./lorica bench [--case \"model=small_135m batch=2 length=256 ...\"]... "
            + "[--peer PYTHON] [--peer-script FILE] [--parts] [--out DIRECTORY]";

    /// Reads the command line.
    ///
    /// @param gpu whether the table is that of a GPU where no case is given
    /// @throws IllegalArgumentException with a sentence for what is none of ours
    static BenchOptions parse(List<String> arguments, boolean gpu) {
        List<BenchCase> cases = new ArrayList<>();
        Optional<String> peer = Optional.empty();
        Path script = Path.of("tools/bench/peer.py");
        Path output = Path.of("");
        boolean parts = false;
        Iterator<String> words = arguments.iterator();
        while (words.hasNext()) {
            String option = words.next();
            switch (option) {
                case "--case" -> cases.add(BenchCase.parse(value(option, words)));
                case "--peer" -> peer = Optional.of(value(option, words));
                case "--peer-script" -> script = Path.of(value(option, words));
                case "--parts" -> parts = true;
                case "--out" -> output = Path.of(value(option, words));
                default -> throw new IllegalArgumentException("There is no option '" + option + "'. " + USAGE);
            }
        }
        return new BenchOptions(
                cases.isEmpty() ? BenchCase.table(gpu) : List.copyOf(cases), peer, script, output, parts);
    }

    private static String value(String option, Iterator<String> words) {
        if (!words.hasNext()) {
            throw new IllegalArgumentException(option + " wants a value. " + USAGE);
        }
        return words.next();
    }
}

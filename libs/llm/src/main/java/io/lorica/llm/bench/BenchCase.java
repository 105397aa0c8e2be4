package io.lorica.llm.bench;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// One row of the table: what [io.lorica.llm.train.StepBenchmark] is to measure.
///
/// @param arguments its arguments, by name
public record BenchCase(Map<String, String> arguments) {

    private static final List<String> UNKNOWN_TO_PEER = List.of("method");

    public BenchCase {
        arguments = new LinkedHashMap<>(arguments);
    }

    /// Reads `name=value` pairs with spaces between them.
    ///
    /// @throws IllegalArgumentException for a word that is none
    public static BenchCase parse(String text) {
        Map<String, String> arguments = new LinkedHashMap<>();
        for (String word : text.strip().split("\\s+")) {
            String[] parts = word.split("=", 2);
            if (parts.length != 2 || parts[0].isEmpty()) {
                throw new IllegalArgumentException(
                        "'" + word + "' is not name=value; a case reads like \"model=small_135m batch=2 length=256\"");
            }
            arguments.put(parts[0], parts[1]);
        }
        return new BenchCase(arguments);
    }

    /// The cases that a machine of this kind can be asked for.
    public static List<BenchCase> table(boolean gpu) {
        return Arrays.stream((gpu ? GPU : CPU).split("\n"))
                .map(BenchCase::parse)
                .toList();
    }

    private static final String CPU = """
            model=small_135m type=f32 batch=2 length=256 policy=keep method=recorded
            model=small_135m type=f32 batch=2 length=256 policy=keep method=fused
            model=small_135m type=f32 batch=2 length=256 policy=recompute method=recorded
            model=small_135m type=f32 batch=2 length=256 policy=recompute method=fused""";

    // Short steps are timed when the JVM has compiled what launches them; both sides warm up alike.
    private static final String GPU = """
            model=qwen_7b type=bf16 batch=2 length=2048 policy=keep warmup=8 steps=10
            model=qwen_7b type=bf16 batch=2 length=2048 policy=recompute warmup=8 steps=10
            model=qwen_7b type=bf16 batch=1 length=16384 policy=recompute steps=3
            model=qwen_1_5b type=bf16 batch=2 length=2048 policy=keep warmup=12 steps=12
            model=qwen_1_5b type=bf16 batch=2 length=2048 policy=recompute warmup=12 steps=12
            model=qwen_1_5b type=bf16 batch=1 length=16384 policy=recompute steps=3""";

    /// As words for a command line.
    List<String> words() {
        return arguments.entrySet().stream()
                .map(argument -> argument.getKey() + "=" + argument.getValue())
                .toList();
    }

    /// The same without what only we have.
    List<String> wordsForPeer() {
        return new BenchCase(arguments)
                .words().stream()
                        .filter(word -> UNKNOWN_TO_PEER.stream().noneMatch(name -> word.startsWith(name + "=")))
                        .toList();
    }

    /// The values alone, for people.
    String label() {
        return String.join(" ", arguments.values());
    }
}

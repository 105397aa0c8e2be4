package io.lorica.llm.bench;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/// One row of the table: what [io.lorica.llm.train.StepBenchmark] is to measure.
///
/// @param arguments its arguments, by name
public record BenchCase(Map<String, String> arguments) {

    private static final Set<String> UNKNOWN_TO_PEER = Set.of("method", "weights", "tokens", "ahead");
    private static final Set<String> SHAPE = Set.of("model", "batch", "length", "type");

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

    // Rows as data sets of reasoning have them: eight quantiles of a log-normal distribution, 700 tokens in the mean.
    private static final String MIXED = "1345,330,800,580,975,400,680,490";

    // Short steps are timed when the JVM has compiled what launches them; both sides warm up alike.
    private static final String GPU = """
            model=qwen_7b type=bf16 batch=2 length=2048 policy=keep warmup=8 steps=10
            model=qwen_7b type=bf16 batch=2 length=2048 policy=recompute warmup=8 steps=10
            model=qwen_7b type=bf16 batch=1 length=16384 policy=recompute steps=3
            model=qwen_7b type=bf16 lengths=%s policy=keep warmup=8 steps=10
            model=qwen_7b type=bf16 batch=1 length=2048 policy=recompute warmup=8 steps=10
            model=qwen_7b type=bf16 batch=1 length=2048 policy=recompute weights=nf4_double tokens=eight_bits warmup=8 steps=10
            model=qwen_7b type=bf16 batch=1 length=2048 policy=recompute weights=int8 tokens=eight_bits warmup=8 steps=10
            model=qwen_7b type=bf16 batch=1 length=65536 policy=offload weights=nf4_double tokens=eight_bits warmup=1 steps=1
            model=qwen_1_5b type=bf16 batch=2 length=2048 policy=keep warmup=12 steps=12
            model=qwen_1_5b type=bf16 batch=2 length=2048 policy=recompute warmup=12 steps=12
            model=qwen_1_5b type=bf16 batch=1 length=16384 policy=recompute steps=3
            model=qwen_1_5b type=bf16 batch=1 length=512 policy=keep warmup=12 steps=12
            model=qwen_1_5b type=bf16 batch=1 length=1024 policy=keep warmup=12 steps=12""".formatted(MIXED);

    /// As words for a command line.
    List<String> words() {
        return words(_ -> true);
    }

    private List<String> words(Predicate<String> names) {
        return arguments.entrySet().stream()
                .filter(argument -> names.test(argument.getKey()))
                .map(argument -> argument.getKey() + "=" + argument.getValue())
                .toList();
    }

    /// Whether the peer has what the case asks for: it keeps weights in full and everything on the device.
    boolean forPeer() {
        return arguments.getOrDefault("weights", "full").equals("full")
                && arguments.getOrDefault("tokens", "full").equals("full")
                && !arguments.getOrDefault("policy", "keep").equals("offload");
    }

    /// Whether its parts can be measured one by one: weights in full, and sequences of one length.
    boolean hasParts() {
        return arguments.getOrDefault("weights", "full").equals("full")
                && arguments.getOrDefault("lengths", "").isEmpty();
    }

    /// What decides about the shapes of the parts.
    List<String> wordsForParts() {
        return words(name -> SHAPE.contains(name));
    }

    /// The same without what only we have.
    List<String> wordsForPeer() {
        return words(name -> !UNKNOWN_TO_PEER.contains(name));
    }

    /// The values alone, for people.
    String label() {
        return String.join(" ", arguments.values());
    }
}

package io.lorica.llm.demo;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/// Learns byte-pair merges from a text (https://arxiv.org/abs/1508.07909), in the byte alphabet that GPT-2 made common:
/// each byte stands for one printable character.
final class BytePairs {

    /// The split into words that the ByteLevel pre-tokenizer of Hugging Face makes.
    private static final Pattern WORDS =
            Pattern.compile("'(?:s|t|re|ve|m|ll|d)| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+");

    private static final int BYTES = 256;

    private BytePairs() {}

    /// Two neighbours that become one.
    ///
    /// @param left the first
    /// @param right the second
    record Pair(String left, String right) {
        String merged() {
            return left + right;
        }
    }

    /// The character of each byte, in the order of the bytes.
    static List<String> alphabet() {
        List<String> characters = new ArrayList<>();
        int substitute = BYTES;
        for (int value = 0; value < BYTES; value++) {
            boolean printable = (value >= '!' && value <= '~') || (value >= 0xA1 && value <= 0xAC) || value >= 0xAE;
            characters.add(Character.toString(printable ? value : substitute++));
        }
        return characters;
    }

    /// The most frequent merges of a text, at most as many as asked for; ties go to the pair that sorts first.
    static List<Pair> learn(String text, int count) {
        Map<List<String>, Integer> words = words(text);
        List<Pair> merges = new ArrayList<>();
        while (merges.size() < count) {
            Map.Entry<Pair, Integer> best = mostFrequent(words);
            if (best == null || best.getValue() < 2) {
                return merges;
            }
            merges.add(best.getKey());
            words = merge(words, best.getKey());
        }
        return merges;
    }

    private static Map<List<String>, Integer> words(String text) {
        List<String> alphabet = alphabet();
        Map<List<String>, Integer> words = new HashMap<>();
        for (MatchResult match : WORDS.matcher(text).results().toList()) {
            List<String> word = new ArrayList<>();
            for (byte value : match.group().getBytes(StandardCharsets.UTF_8)) {
                word.add(alphabet.get(Byte.toUnsignedInt(value)));
            }
            words.merge(word, 1, Integer::sum);
        }
        return words;
    }

    private static Map.@Nullable Entry<Pair, Integer> mostFrequent(Map<List<String>, Integer> words) {
        Map<Pair, Integer> counts =
                new TreeMap<>(Comparator.comparing(Pair::left).thenComparing(Pair::right));
        words.forEach((word, count) -> {
            for (int i = 0; i + 1 < word.size(); i++) {
                counts.merge(new Pair(word.get(i), word.get(i + 1)), count, Integer::sum);
            }
        });
        return counts.entrySet().stream()
                .reduce((a, b) -> b.getValue() > a.getValue() ? b : a)
                .orElse(null);
    }

    private static Map<List<String>, Integer> merge(Map<List<String>, Integer> words, Pair pair) {
        Map<List<String>, Integer> merged = new HashMap<>();
        words.forEach((word, count) -> merged.merge(merge(word, pair), count, Integer::sum));
        return merged;
    }

    private static List<String> merge(List<String> word, Pair pair) {
        List<String> merged = new ArrayList<>();
        int i = 0;
        while (i < word.size()) {
            boolean found = i + 1 < word.size()
                    && word.get(i).equals(pair.left())
                    && word.get(i + 1).equals(pair.right());
            merged.add(found ? pair.merged() : word.get(i));
            i += found ? 2 : 1;
        }
        return merged;
    }
}

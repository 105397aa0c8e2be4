package io.lorica.llm.lora;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class ModulePatternTest {

    private static final List<String> PATHS = IntStream.range(0, 12)
            .boxed()
            .flatMap(layer -> Stream.of("self_attn.q_proj", "self_attn.o_proj", "mlp.up_proj")
                    .map(inner -> "model.layers." + layer + "." + inner))
            .toList();

    /// Counted with Python's `re.fullmatch(pattern, path)` over the same paths.
    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                ".*q_proj; 12",
                ".*\\.(q|o)_proj; 24",
                "model\\.layers\\.[0-3]\\..*; 12",
                "model\\.layers\\.1\\d?\\.mlp\\.up_proj; 3",
                ".*(?:self_attn|mlp)\\.(?P<kind>\\w+)_proj; 36",
                "(?i).*Q_PROJ; 12",
                "model\\.layers\\.\\d{2}\\..*; 6",
                ".*layers.(1|2).*; 12",
                "^model.*up_proj$; 12",
                "q_proj; 0",
                "'.*[^q]_proj'; 24"
            })
    void matchesWholePathsAsPythonDoes(String expression, int matches) {
        // Given
        ModulePattern pattern = ModulePattern.ofPath(expression);

        // When // Then
        assertThat(PATHS.stream().filter(pattern::matches)).hasSize(matches);
    }

    /// Counted with Python's `re.match(rf"(.*\.)?({key})$", path)` over the same paths.
    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "q_proj; 12",
                "self_attn.q_proj; 12",
                "attn.q_proj; 0",
                "layers.1.mlp.up_proj; 1",
                "mlp.*; 12",
                "^model.layers.0.mlp.up_proj; 1",
                "(q|o)_proj; 24"
            })
    void matchesEndsOfPathsAsPeftDoes(String key, int matches) {
        // Given
        ModulePattern pattern = ModulePattern.ofEnd(key);

        // When // Then
        assertThat(PATHS.stream().filter(pattern::matches)).hasSize(matches);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "((((((((((((.*)*)*)*)*)*)*)*)*)*)*)*)x",
                "(.*)*(.*)*(.*)*(.*)*(.*)*(.*)*x",
                "(a|a|.)*(a|aa|.)*!",
                "(([a-z_.0-9]+)+)+!",
                "(.*){1000}!"
            })
    void answersEveryExpressionAtOnce(String expression) {
        // Given
        ModulePattern whole = ModulePattern.ofPath(expression);
        ModulePattern end = ModulePattern.ofEnd(expression);
        long began = System.nanoTime();

        // When
        long found = PATHS.stream()
                .filter(path -> whole.matches(path) || end.matches(path))
                .count();

        // Then: 36 paths; an engine that backtracks does not come back from the first
        assertThat(found).isZero();
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(20));
    }

    @Test
    void refusesWhatIsLongerOrMoreThanAModelNeeds() {
        // Given
        String wide = "[a-z_]*".repeat(60);

        // When // Then
        assertThatThrownBy(() -> ModulePattern.check("target_modules", List.of("a".repeat(513))))
                .hasMessage("target_modules has an expression of 513 characters; it may have 512");
        assertThatThrownBy(() -> ModulePattern.check("target_modules", List.of("((.{30}){30}){30}")))
                .hasMessageStartingWith("target_modules has '((.{30}){30}){30}', which repeats too much");
        assertThatThrownBy(() -> ModulePattern.check("rank_pattern", Collections.nCopies(1025, "q_proj")))
                .hasMessageStartingWith("rank_pattern has 1025 expressions");
        assertThatThrownBy(() -> ModulePattern.check("rank_pattern", Collections.nCopies(40, wide)))
                .hasMessageStartingWith("rank_pattern has expressions of 16800 characters in all");
        ModulePattern.check("rank_pattern", Collections.nCopies(1024, "model.layers.11.self_attn.q_proj"));
    }
}

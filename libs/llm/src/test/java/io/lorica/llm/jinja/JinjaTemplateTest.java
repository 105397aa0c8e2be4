package io.lorica.llm.jinja;

import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/// Every construct of the language, against what jinja2 as transformers sets it up makes of it:
/// `constructs.json` is made by `tools/golden/make_template_golden.py`.
class JinjaTemplateTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2025-03-09T14:05:07Z"), ZoneOffset.UTC);
    private static final JsonNode GOLDEN = golden();

    @ParameterizedTest(name = "{0}")
    @MethodSource("constructs")
    void agreesWithJinja2(String source, JsonNode expected) {
        // Given
        Map<String, Object> variables = JSON.convertValue(GOLDEN.path("variables"), new TypeReference<>() {});

        // When // Then
        if (expected.has("text")) {
            assertThat(render(source, variables))
                    .isEqualTo(expected.path("text").asText());
        } else {
            assertThatThrownBy(() -> render(source, variables)).isInstanceOf(JinjaException.class);
        }
    }

    @Test
    void saysInWhichLineAValueIsMissing() {
        assertThatThrownBy(() -> render("first\n\n{{ message.role }}", Map.of()))
                .hasMessage("line 3: 'message' is undefined");
    }

    @Test
    void tellsWhichKindOfFailureItIs() {
        assertThat(kindOf("{{ raise_exception('no') }}")).isEqualTo(JinjaException.Kind.REFUSAL);
        assertThat(kindOf("{% if %}")).isEqualTo(JinjaException.Kind.SYNTAX);
        assertThat(kindOf("{{ 1 / 0 }}")).isEqualTo(JinjaException.Kind.RENDERING);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
                "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
                "{{ 'x' * 999999999 }}",
                "{{ [0] * 999999999 }}",
                "{% set ns = namespace(s='x') %}{% for i in range(99) %}{% set ns.s = ns.s + ns.s %}{% endfor %}",
                "{% set ns = namespace(s='x') %}{% for i in range(99) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}",
                "{% set ns = namespace(s='x') %}{% for i in range(99) %}{% set ns.s = [ns.s, ns.s] %}{% endfor %}{{ ns.s }}",
                "{{ 9 ** 99999 }}",
                "{{ range(999999999) }}",
                "{{ 'x'.center(999999999) }}",
                "{{ '%999999999d' % 1 }}"
            })
    void boundsWhatATemplateMayUse(String source) {
        assertThatThrownBy(() -> render(source, Map.of()))
                .isInstanceOfSatisfying(
                        JinjaException.class,
                        e -> assertThat(e.kind()).isIn(JinjaException.Kind.LIMIT, JinjaException.Kind.RENDERING));
    }

    @Test
    void boundsHowDeepATemplateNests() {
        assertThat(kindOf("{{ " + "(".repeat(100_000) + "1" + ")".repeat(100_000) + " }}"))
                .isEqualTo(JinjaException.Kind.LIMIT);
        assertThat(kindOf("{{ 1" + " + 1".repeat(100_000) + " }}")).isEqualTo(JinjaException.Kind.LIMIT);
    }

    @Test
    void takesPlainDataOnly() {
        assertThatThrownBy(() -> render("", Map.of("clock", CLOCK))).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"class", "getClass", "getBytes", "chars", "hashCode", "toString", "wait", "__class__"})
    void showsNothingOfJava(String name) {
        // When
        String rendered = render(
                "{{ x." + name + " }}{{ y." + name + " }}{{ z." + name + " }}{{ x['" + name + "'] is callable }}",
                Map.of("x", "text", "y", List.of(1), "z", Map.of("a", 1)));

        // Then
        assertThat(rendered).isEqualTo("False");
    }

    @Test
    void keepsWhatOneRenderSetFromTheNext() {
        // Given
        JinjaTemplate template =
                JinjaTemplate.parse("{{ seen is defined }}{% set seen = 1 %}{% set ns = namespace() %}");

        // When
        String twice = template.render(Map.of(), CLOCK) + template.render(Map.of(), CLOCK);

        // Then
        assertThat(twice).isEqualTo("FalseFalse");
    }

    private static Stream<Object[]> constructs() {
        return StreamSupport.stream(GOLDEN.path("constructs").spliterator(), false)
                .map(construct -> new Object[] {construct.path("source").asText(), construct});
    }

    private static JinjaException.Kind kindOf(String source) {
        try {
            render(source, Map.of());
            throw new AssertionError("rendered");
        } catch (JinjaException e) {
            return e.kind();
        }
    }

    private static String render(String source, Map<String, ?> variables) {
        return JinjaTemplate.parse(source).render(variables, CLOCK);
    }

    private static JsonNode golden() {
        try (InputStream file = JinjaTemplateTest.class.getResourceAsStream("/templates/constructs.json")) {
            return JSON.readTree(file);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}

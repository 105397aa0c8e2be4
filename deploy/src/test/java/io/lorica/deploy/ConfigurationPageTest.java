package io.lorica.deploy;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/// `docs/configuration.md` against the compiled `@ConfigMapping` interfaces.
class ConfigurationPageTest {

    private static final String PAGE = Repository.read(Repository.ROOT.resolve("docs/configuration.md"));
    private static final Pattern ROW =
            Pattern.compile("(?m)^\\| `([a-z0-9.-]+)` \\| `([A-Z0-9_]+)` \\| (none|`[^`]+`) \\| \\S.*\\S \\|$");
    private static final Pattern READ =
            Pattern.compile("(?:environment|variables)[^;\"]*\"((?:LORICA|KAFKA|HF)_[A-Z_]+)\"");

    @Test
    void listsEveryKeyWithItsVariableAndDefault() {
        // When
        Set<String> rows = ROW.matcher(PAGE)
                .results()
                .map(row -> row.group(1) + " " + row.group(2) + " " + row.group(3))
                .collect(Collectors.toCollection(TreeSet::new));

        // Then
        assertThat(rows).containsExactlyElementsOf(expected());
    }

    @Test
    void findsTheMappingsOfAllServices() {
        assertThat(ConfigurationKeys.defaults().keySet())
                .contains(
                        "kafka.bootstrap.servers",
                        "lorica.dataset.retry.first-pause",
                        "lorica.gateway.rate.burst",
                        "lorica.inference.base-model",
                        "lorica.store.endpoint",
                        "lorica.trainer.lock");
    }

    @Test
    void listsTheVariablesOfPropertiesFiles() {
        // When
        List<String> variables = Repository.SERVICES.stream()
                .map(service -> Repository.ROOT.resolve(service).resolve("src/main/resources/application.properties"))
                .flatMap(file -> ConfigurationKeys.expressions(Repository.read(file)))
                .distinct()
                .toList();

        // Then
        assertThat(variables).isNotEmpty().allSatisfy(name -> assertThat(PAGE).contains("`" + name + "`"));
    }

    @Test
    void listsTheVariablesOfTheCommandLine() {
        // Given
        String source =
                Repository.read(Repository.ROOT.resolve("libs/cli/src/main/java/io/lorica/cli/SuiteSettings.java"));

        // When
        Set<String> variables = READ.matcher(source)
                .results()
                .map(found -> found.group(1))
                .filter(name -> !name.endsWith("_"))
                .collect(Collectors.toSet());

        // Then
        assertThat(variables)
                .contains("LORICA_HOME", "LORICA_KAFKA_PORT")
                .allSatisfy(name -> assertThat(PAGE).contains("`" + name + "`"));
        assertThat(Stream.of("PLATFORM", "DATASET", "TRAINER", "INFERENCE", "GATEWAY"))
                .allSatisfy(member -> assertThat(PAGE).contains("`LORICA_" + member + "_PORT`"));
    }

    private static Set<String> expected() {
        Map<String, String> keys = new TreeMap<>(ConfigurationKeys.defaults());
        return keys.entrySet().stream()
                .map(key -> key.getKey() + " " + ConfigurationKeys.variable(key.getKey()) + " "
                        + (key.getValue().isEmpty() ? "none" : "`" + key.getValue() + "`"))
                .collect(Collectors.toCollection(TreeSet::new));
    }
}

package io.lorica.deploy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import com.tngtech.archunit.core.domain.JavaAnnotation;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.importer.ClassFileImporter;

/// The environment variables that a service reads, out of its compiled `@ConfigMapping` interfaces and its
/// `application.properties`.
final class ConfigurationKeys {

    private static final String MAPPING = "io.smallrye.config.ConfigMapping";
    private static final String NAME = "io.smallrye.config.WithName";
    private static final String DEFAULT = "io.smallrye.config.WithDefault";
    private static final String PARENT_NAME = "io.smallrye.config.WithParentName";
    private static final Pattern EXPRESSION = Pattern.compile("\\$\\{([A-Z][A-Z0-9_]*)(?=[:}])");
    private static final Pattern PROPERTY = Pattern.compile("(?m)^([a-z][a-z0-9.-]*)\\s*=");
    private static final List<String> SHARED = List.of("libs/service-kit", "libs/models", "libs/llm", "libs/storage");

    // Read once for all tests: it takes seconds.
    private static final JavaClasses ALL = new ClassFileImporter()
            .importPaths(Stream.concat(Repository.SERVICES.stream(), SHARED.stream())
                    .map(ConfigurationKeys::classes)
                    .filter(Files::isDirectory)
                    .toList());

    private ConfigurationKeys() {}

    private static Path classes(String module) {
        return Repository.ROOT.resolve(module).resolve("target/classes");
    }

    private static boolean isIn(Path directory, JavaClass type) {
        return type.getSource()
                .map(source -> Path.of(source.getUri()).startsWith(directory))
                .orElse(false);
    }

    /// The variables that one service reads.
    static Set<String> of(String service) {
        Stream<String> modules =
                service.equals("gateway") ? Stream.of(service) : Stream.concat(Stream.of(service), SHARED.stream());
        Set<String> variables = new TreeSet<>();
        defaults(modules).forEach((key, value) -> {
            variables.add(variable(key));
            expressions(value).forEach(variables::add);
        });
        String properties =
                Repository.read(Repository.ROOT.resolve(service).resolve("src/main/resources/application.properties"));
        expressions(properties).forEach(variables::add);
        PROPERTY.matcher(properties).results().forEach(found -> variables.add(variable(found.group(1))));
        return variables;
    }

    /// Every key of every mapping in the repository with its default, which is empty where it has none.
    static Map<String, String> defaults() {
        return defaults(Stream.concat(Repository.SERVICES.stream(), SHARED.stream()));
    }

    private static Map<String, String> defaults(Stream<String> modules) {
        List<Path> wanted = modules.map(ConfigurationKeys::classes).toList();
        Map<String, String> defaults = new TreeMap<>();
        ALL.stream()
                .filter(type -> type.isAnnotatedWith(MAPPING) && wanted.stream().anyMatch(path -> isIn(path, type)))
                .forEach(type -> collect(type, text(type.getAnnotationOfType(MAPPING), "prefix"), defaults));
        return defaults;
    }

    /// The variable that stands for a key, by the rule of MicroProfile Config.
    static String variable(String key) {
        return key.replaceAll("[^A-Za-z0-9]", "_").toUpperCase(Locale.ROOT);
    }

    /// The variables that a text names as `${NAME}` or `${NAME:default}`.
    static Stream<String> expressions(String text) {
        return EXPRESSION.matcher(text).results().map(found -> found.group(1));
    }

    private static void collect(JavaClass type, String prefix, Map<String, String> defaults) {
        for (JavaMethod method : type.getMethods()) {
            String key = method.isAnnotatedWith(PARENT_NAME) ? prefix : prefix + "." + name(method);
            JavaClass value = method.getRawReturnType();
            if (value.isInterface() && value.isNestedClass()) {
                collect(value, key, defaults);
            } else {
                defaults.put(
                        key,
                        method.tryGetAnnotationOfType(DEFAULT)
                                .map(annotation -> text(annotation, "value"))
                                .orElse(""));
            }
        }
    }

    private static String name(JavaMethod method) {
        return method.tryGetAnnotationOfType(NAME)
                .map(annotation -> text(annotation, "value"))
                .orElseGet(() -> method.getName()
                        .replaceAll("([a-z0-9])([A-Z])", "$1-$2")
                        .toLowerCase(Locale.ROOT));
    }

    private static String text(JavaAnnotation<?> annotation, String attribute) {
        return annotation.get(attribute).map(Object::toString).orElse("");
    }
}

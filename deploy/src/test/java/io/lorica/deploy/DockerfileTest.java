package io.lorica.deploy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

class DockerfileTest {

    private static final Pattern FROM = Pattern.compile("(?m)^FROM (\\S+)");
    private static final Pattern COPY = Pattern.compile("(?m)^COPY (?!--from)(?:--\\S+ )*(\\S+) ");

    @ParameterizedTest
    @MethodSource("dockerfiles")
    void runsAsNobodyAndSaysWhetherItIsWell(Path file) {
        assertThat(Repository.read(file))
                .contains("\nUSER 10001\n")
                .contains("\nHEALTHCHECK ")
                .contains("\nENTRYPOINT [");
    }

    @ParameterizedTest
    @MethodSource("dockerfiles")
    void namesImagesWithoutARegistry(Path file) {
        // When
        List<String> images = FROM.matcher(Repository.read(file))
                .results()
                .map(found -> found.group(1))
                .toList();

        // Then
        assertThat(images)
                .isNotEmpty()
                .allSatisfy(image -> assertThat(image.split("/")[0].contains(".") && image.contains("/"))
                        .as(image)
                        .isFalse());
    }

    @ParameterizedTest
    @MethodSource("dockerfiles")
    void copiesOnlyWhatExists(Path file) {
        // When
        List<String> sources = COPY.matcher(Repository.read(file))
                .results()
                .map(found -> found.group(1))
                .filter(source -> !source.contains("$") && !source.equals("."))
                .toList();

        // Then
        assertThat(sources).isNotEmpty().allMatch(source -> Files.exists(Repository.ROOT.resolve(source)));
    }

    static Stream<Path> dockerfiles() {
        return Repository.filesBelow(Repository.DEPLOY.resolve("docker"), "").stream()
                .filter(file -> file.getFileName().toString().startsWith("Dockerfile"));
    }
}

package io.lorica.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/// Caches that are found by the build they were made from, and by no other.
class AotCacheTest {

    @TempDir
    Path root;

    private Path jar;

    @BeforeEach
    void build() throws IOException {
        jar = root.resolve("gateway/target/quarkus-app/quarkus-run.jar");
        Files.createDirectories(jar.getParent());
        Files.writeString(jar, "a jar");
        Files.createDirectories(root.resolve("target/aot"));
    }

    @Test
    void startsFromTheCacheOfItsBuildWithBothCompilers() throws IOException {
        // Given
        Files.writeString(cache().draft(), "classes");

        // When
        cache().publish();

        // Then
        assertThat(MemberCommand.starting(settings()).of(Member.GATEWAY))
                .contains("-XX:AOTCache=" + cache().file())
                .doesNotContain("-XX:TieredStopAtLevel=1");
        assertThat(cache().draft()).doesNotExist();
    }

    @Test
    void neverFindsTheCacheOfAnotherBuild() throws IOException {
        // Given
        Files.writeString(cache().draft(), "classes");
        cache().publish();

        // When
        Files.setLastModifiedTime(jar, FileTime.fromMillis(1));

        // Then
        assertThat(cache().made()).isEmpty();
        assertThat(MemberCommand.starting(settings()).of(Member.GATEWAY))
                .noneMatch(argument -> argument.startsWith("-XX:AOT"));
    }

    @Test
    void keepsOnlyTheCacheOfTheLastBuild() throws IOException {
        // Given
        Files.writeString(cache().draft(), "classes");
        cache().publish();
        Path stale = cache().file();
        Path ofAnotherMember = Files.createFile(root.resolve("target/aot/trainer-0.aot"));
        Files.writeString(jar, "another jar");
        Files.writeString(cache().draft(), "other classes");

        // When
        cache().publish();

        // Then
        assertThat(stale).doesNotExist();
        assertThat(cache().file()).exists();
        assertThat(ofAnotherMember).exists();
    }

    @Test
    void recordsIntoADraft() {
        assertThat(MemberCommand.recording(settings()).of(Member.GATEWAY))
                .contains("-XX:AOTCacheOutput=" + cache().draft());
    }

    @Test
    void namesTheMemberThatWroteNoCache() {
        assertThatExceptionOfType(CliException.class)
                .isThrownBy(() -> cache().publish())
                .withMessageContaining("gateway");
    }

    @Test
    void startsThePlatformFromJarsInTheOrderOfTheirNames() throws IOException {
        // Given
        Path module = Files.createDirectories(root.resolve("libs/embedded-platform/target/platform/lib"));
        Path own = Files.createFile(root.resolve("libs/embedded-platform/target/lorica-embedded-platform-1.jar"));
        Path second = Files.createFile(module.resolve("b.jar"));
        Path first = Files.createFile(module.resolve("a.jar"));

        // When
        List<String> command = MemberCommand.starting(settings()).of(Member.PLATFORM);

        // Then
        assertThat(command)
                .contains(String.join(
                        System.getProperty("path.separator"), own.toString(), first.toString(), second.toString()));
    }

    private AotCache cache() {
        return MemberCommand.starting(settings()).cache(Member.GATEWAY);
    }

    private SuiteSettings settings() {
        return SuiteSettings.ofEnvironment(root, Map.of());
    }
}

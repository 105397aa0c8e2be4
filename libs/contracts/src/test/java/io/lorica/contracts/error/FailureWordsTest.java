package io.lorica.contracts.error;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

class FailureWordsTest {

    @Test
    void saysWhatHappenedToAFile() {
        assertThat(FailureWords.of(new NoSuchFileException("/a/b"))).isEqualTo("there is no /a/b");
        assertThat(FailureWords.of(new AccessDeniedException("/a/b"))).isEqualTo("permission to /a/b is denied");
        assertThat(FailureWords.of(new FileSystemException("/a/b", null, "No space left on device")))
                .isEqualTo("No space left on device");
    }

    @Test
    void saysWhatHappenedToAConnection() {
        assertThat(FailureWords.of(new ConnectException())).isEqualTo("the connection was refused");
        assertThat(FailureWords.of(new UnresolvedAddressException())).isEqualTo("the host's name is unknown");
    }

    static Stream<Throwable> failuresThatNameCode() {
        return Stream.of(
                new IOException((String) null),
                new IOException("java.net.SocketException: Broken pipe"),
                new IOException("Cannot construct instance of `com.example.Thing`"),
                new UncheckedIOException(new UnknownHostException("x")),
                new IllegalStateException("No enum constant io.lorica.contracts.job.LoraBias.X"));
    }

    @ParameterizedTest
    @MethodSource("failuresThatNameCode")
    void neverShowsANameOfCode(Throwable failure) {
        assertThat(FailureWords.of(failure)).doesNotContain("Exception", "java", "com.", "io.", "null", "`");
    }
}

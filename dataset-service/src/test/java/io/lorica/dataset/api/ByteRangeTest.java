package io.lorica.dataset.api;

import java.io.ByteArrayInputStream;
import java.io.IOException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

class ByteRangeTest {

    @ParameterizedTest
    @CsvSource({
        "bytes=0-0, 0, 0",
        "bytes=2-5, 2, 5",
        "bytes=2-, 2, 9",
        "bytes=2-99, 2, 9",
        "bytes=-3, 7, 9",
        "bytes=-99, 0, 9",
        "' bytes = 1 - 2 ', 1, 2"
    })
    void readsASingleRange(String header, long first, long last) {
        assertThat(ByteRange.of(header, 10)).contains(new ByteRange(first, last));
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(
            strings = {"", "bytes=", "bytes=-", "bytes=5-2", "bytes=0-1,3-4", "items=0-1", "bytes=a-b", "bytes=0--1"})
    void passesOverWhatIsNoSingleRange(String header) {
        assertThat(ByteRange.of(header, 10)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"bytes=10-", "bytes=10-20", "bytes=-0"})
    void findsNoBytesBehindTheEnd(String header) {
        assertThat(ByteRange.of(header, 10))
                .hasValueSatisfying(range -> assertThat(range.satisfiable()).isFalse());
    }

    @Test
    void readsNoMoreThanTheFirstBytes() throws IOException {
        assertThat(new FirstBytes(new ByteArrayInputStream("hello".getBytes("UTF-8")), 3).readAllBytes())
                .asString()
                .isEqualTo("hel");
    }
}

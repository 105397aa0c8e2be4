package io.lorica.contracts.job;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

class MemoryUseTest {

    private static final long MIB = 1L << 20;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "170 | 180 | 170 MiB of memory on cpu, as forecast: 180 MiB",
                "290 | 180 | 290 MiB of memory on cpu, as forecast: 180 MiB",
                "360 | 180 | 360 MiB of memory on cpu, 2.00 times the forecast of 180 MiB",
                "6144 | 4096 | 6.0 GiB of memory on cpu, 1.50 times the forecast of 4.0 GiB"
            })
    void comparesWhatIsMoreThanTheProcessComesAndGoesBy(long measured, long forecast, String expected) {
        // Given
        MemoryUse use = new MemoryUse("cpu", forecast * MIB, 0, 0, 0, 0, 1L << 40, null, null);

        // When
        MemoryUse taken = use.measured(measured * MIB);

        // Then
        assertThat(taken.sentence()).isEqualTo("At its peak the job took " + expected);
        assertThat(taken.ratio() == null).isEqualTo(expected.contains("as forecast"));
    }
}

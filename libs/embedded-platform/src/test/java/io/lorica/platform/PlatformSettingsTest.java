package io.lorica.platform;

import java.nio.file.Path;
import java.util.Optional;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class PlatformSettingsTest {

    @Test
    void pinsTheDefaults() {
        assertThat(parse("--home /data"))
                .isEqualTo(new PlatformSettings(
                        Path.of("/data"), 19092, 19093, 19000, "lorica", "lorica-secret", false, Optional.empty()));
    }

    @Test
    void readsEveryOption() {
        assertThat(parse("--home /data --kafka-port 1 --controller-port 2 --store-port 3 --access-key a"
                        + " --secret-key s --exit-with-parent --exit-with-process 4"))
                .isEqualTo(new PlatformSettings(Path.of("/data"), 1, 2, 3, "a", "s", true, Optional.of(4L)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--kafka-port 1 | --home DIR",
                "--home | --home needs a value",
                "--home /data --kafka 1 | --kafka] is unknown",
                "--home /data --kafka-port no | --kafka-port is 'no'",
                "--home /data --store-port 70000 | --store-port is '70000'",
                "--home /data --exit-with-process x | --exit-with-process is 'x'"
            })
    void saysWhatIsWrongWithACommandLine(String line, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> parse(line))
                .withMessageContaining(message)
                .withMessageContaining("usage:");
    }

    private static PlatformSettings parse(String line) {
        return PlatformSettings.parse(line.split(" "));
    }
}

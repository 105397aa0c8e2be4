package io.lorica.kit.retry;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Optional;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

class MachineFaultTest {

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"No space left on device", "Disk quota exceeded", "There is not enough space on the disk"})
    void namesAFullDiskWithWhatIsNeeded(String words) {
        // Given
        RuntimeException failure = new IllegalStateException(new UncheckedIOException(new IOException(words)));

        // When
        Optional<ProductException> fault = behind(failure, 3L << 30);

        // Then
        assertThat(fault).get().satisfies(full -> {
            assertThat(full.code()).isEqualTo(ErrorCode.OUT_OF_DISK);
            assertThat(full.detail())
                    .startsWith("No space left on the disk of " + directory)
                    .contains("about 3.0 GiB needed", "set lorica.trainer.work-directory");
        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CUDA error: an illegal memory access was encountered",
                "CUDA driver: CUDA_ERROR_ECC_UNCORRECTABLE",
                "no CUDA-capable device is detected"
            })
    void namesADeviceThatFailed(String words) {
        assertThat(behind(new IllegalStateException(words), 0))
                .get()
                .extracting(ProductException::code)
                .isEqualTo(ErrorCode.DEVICE_UNAVAILABLE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"CUDA error: out of memory", "CUDA driver: cuMemAlloc failed", "the row is damaged"})
    void leavesWhatIsNoFaultOfTheMachine(String words) {
        assertThat(behind(new IllegalStateException(words), 0)).isEmpty();
    }

    @Test
    void leavesAFileWhoseNameSpeaksOfSpaceAlone() {
        assertThat(behind(new IllegalStateException("no space left in the prompt"), 0))
                .isEmpty();
    }

    @Test
    void takesAKnownFailureAsItIs() {
        // Given
        ProductException away = ProductException.of(ErrorCode.STORE_UNAVAILABLE, "The store is away.");

        // When
        Optional<ProductException> fault = behind(new IllegalStateException(away), 0);

        // Then
        assertThat(fault).contains(away);
        assertThat(behind(ProductException.of(ErrorCode.INVALID_REQUEST, "No."), 0))
                .isEmpty();
    }

    private Optional<ProductException> behind(Throwable failure, long needed) {
        return MachineFault.behind(failure, directory, "lorica.trainer.work-directory", needed);
    }
}

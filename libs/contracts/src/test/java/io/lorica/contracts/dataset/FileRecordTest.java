package io.lorica.contracts.dataset;

import java.time.Instant;

import io.lorica.contracts.id.FileId;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class FileRecordTest {

    private static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");

    @Test
    void expiresAtItsTimeAndNotBefore() {
        // Given
        FileRecord file = file(1).expiringAt(NOON);

        // When
        boolean before = file.expired(NOON.minusMillis(1));
        boolean at = file.expired(NOON);

        // Then
        assertThat(before).isFalse();
        assertThat(at).isTrue();
    }

    @Test
    void neverExpiresWithoutATime() {
        assertThat(file(1).expired(Instant.MAX)).isFalse();
    }

    @Test
    void keepsItsEndWhereverItsBytesAre() {
        // When
        FileRecord file = file(1).expiringAt(NOON).storedAt("adapters/k3v9x2m7/model.gguf");

        // Then
        assertThat(file.expired(NOON)).isTrue();
        assertThat(file.contentKey()).isEqualTo("adapters/k3v9x2m7/model.gguf");
        assertThat(file(1).contentKey()).isNull();
    }

    @Test
    void hasNoNegativeLength() {
        assertThatIllegalArgumentException().isThrownBy(() -> file(-1)).withMessageContaining("-1 bytes");
    }

    @Test
    void knowsThePurposesThatUsersMayUploadFor() {
        assertThat(FilePurpose.of("fine-tune")).contains(FilePurpose.FINE_TUNE);
        assertThat(FilePurpose.of("FINE_TUNE")).isEmpty();
        assertThat(FilePurpose.allUploadable()).doesNotContain(FilePurpose.FINE_TUNE_RESULTS);
    }

    private static FileRecord file(long bytes) {
        return FileRecord.of(FileId.random(), bytes, NOON, "rows.jsonl", FilePurpose.FINE_TUNE, "00");
    }
}

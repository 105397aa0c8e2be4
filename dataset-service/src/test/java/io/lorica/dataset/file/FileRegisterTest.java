package io.lorica.dataset.file;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

import io.lorica.contracts.dataset.FilePurpose;
import io.lorica.contracts.dataset.FileRecord;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.id.Owner;
import io.lorica.kit.event.EventCodec;
import io.lorica.storage.ArtifactLayout;
import io.lorica.storage.Digests;
import io.lorica.storage.DirectoryObjectStore;
import io.lorica.storage.ObjectKey;
import io.lorica.storage.ObjectStore;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

class FileRegisterTest {

    private static final NewFile ROWS = new NewFile("rows.jsonl", FilePurpose.FINE_TUNE, null);

    @TempDir
    Path folder;

    private final MovingClock clock = new MovingClock();
    private ObjectStore store;
    private FileRegister files;
    private Path content;

    @BeforeEach
    void open() throws Exception {
        store = new DirectoryObjectStore(folder.resolve("store"));
        files = new FileRegister(store, clock);
        content = Files.writeString(folder.resolve("upload"), "{}\n");
    }

    @Test
    void writesTheRecordThatTheContractsDescribe() throws Exception {
        // When
        FileRecord added = files.add(content, ROWS, Owner.DEFAULT);

        // Then
        assertThat(EventCodec.json().readValue(store.read(ArtifactLayout.fileRecord(added.id())), FileRecord.class))
                .isEqualTo(added);
        assertThat(added.sha256()).isEqualTo(Digests.sha256("{}\n".getBytes(StandardCharsets.UTF_8)));
        assertThat(added.bytes()).isEqualTo(3);
    }

    @Test
    void seesFilesThatAnotherProcessAddedOrRemoved() {
        // Given
        FileRegister other = new FileRegister(store, clock);
        FileRecord first = other.add(content, ROWS, Owner.DEFAULT);
        clock.advance(Duration.ofSeconds(1));
        FileRecord second = other.add(content, ROWS, Owner.DEFAULT);
        assertThat(files.all()).containsExactly(first, second);

        // When
        other.delete(first);

        // Then
        assertThat(files.all()).containsExactly(second);
        assertThat(files.find(first.id())).isEmpty();
    }

    @Test
    void overlooksAFileWhoseUploadBrokeOff() {
        // Given
        FileRecord whole = files.add(content, ROWS, Owner.DEFAULT);
        store.delete(ArtifactLayout.fileRecord(whole.id()));

        // When
        FileRegister fresh = new FileRegister(store, clock);

        // Then
        assertThat(fresh.all()).isEmpty();
        assertThat(fresh.find(whole.id())).isEmpty();
    }

    @Test
    void removesAFileWhenItsTimeIsOver() {
        // Given
        FileRecord file = files.add(
                content, new NewFile("rows.jsonl", FilePurpose.FINE_TUNE, Duration.ofHours(1)), Owner.DEFAULT);
        assertThat(files.find(file.id())).contains(file);

        // When
        clock.advance(Duration.ofHours(1));

        // Then
        assertThat(files.all()).isEmpty();
        assertThat(store.stat(ArtifactLayout.fileContent(file.id()))).isEmpty();
    }

    @Test
    void saysThatAFileIsNotThere() {
        // Given
        FileRecord file = files.add(content, ROWS, Owner.DEFAULT);
        store.delete(ArtifactLayout.fileContent(file.id()));

        // When
        ProductException failure = catchThrowableOfType(ProductException.class, () -> files.open(file));

        // Then
        assertThat(failure.code()).isEqualTo(ErrorCode.FILE_NOT_FOUND);
        assertThat(failure.detail()).contains(file.id().value());
    }

    @Test
    void bringsAndRemovesTheBytesOfAJobsResultWhereverTheyAre() throws Exception {
        // Given
        ObjectKey bytes = ObjectKey.of("adapters", "k3v9x2m7", "gguf", "model-f16.gguf");
        store.put(bytes, content, "application/octet-stream");
        FileRecord result = FileRecord.of(
                        ArtifactLayout.resultFile(bytes),
                        3,
                        clock.instant(),
                        bytes.name(),
                        FilePurpose.FINE_TUNE_RESULTS,
                        Digests.sha256(content))
                .storedAt(bytes.value());
        store.put(ArtifactLayout.fileRecord(result.id()), EventCodec.bytes(result), "application/json");
        assertThat(files.open(files.get(result.id()))).hasContent("{}\n");

        // When
        files.delete(result);

        // Then
        assertThat(files.find(result.id())).isEmpty();
        assertThat(store.stat(bytes)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 3599, 2_592_001})
    void refusesALifetimeOutsideOpenAisBounds(long seconds) {
        // When
        ProductException failure = catchThrowableOfType(
                ProductException.class,
                () -> new NewFile("rows.jsonl", FilePurpose.FINE_TUNE, Duration.ofSeconds(seconds)));

        // Then
        assertThat(failure.parameter()).isEqualTo("expires_after[seconds]");
    }

    /// A clock that stands still until it is told otherwise.
    private static final class MovingClock extends Clock {

        private Instant now = Instant.parse("2026-11-24T12:00:00Z");

        void advance(Duration duration) {
            now = now.plus(duration);
        }

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }

    @Test
    void showsAFileToItsOwnerAlone() {
        // Given
        FileRecord hers = files.add(content, ROWS, new Owner("anna"));
        FileRecord his = files.add(content, ROWS, new Owner("bob"));

        // When // Then
        assertThat(files.of(new Owner("anna"))).containsExactly(hers);
        assertThat(files.get(his.id(), new Owner("bob"))).isEqualTo(his);
        assertThatThrownBy(() -> files.get(hers.id(), new Owner("bob")))
                .hasMessage(FileRegister.absent(hers.id().value()).getMessage());
    }
}

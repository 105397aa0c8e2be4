package io.lorica.dataset.api;

import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;

import io.lorica.contracts.dataset.FilePurpose;
import io.lorica.contracts.dataset.FileRecord;
import io.lorica.contracts.id.FileId;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class FilePageTest {

    private static final List<FileRecord> OLDEST_FIRST =
            IntStream.range(0, 4).mapToObj(FilePageTest::file).toList();

    @Test
    void beginsWithTheNewest() {
        // When
        FileList page = FilePage.of(null, null, null, null).of(OLDEST_FIRST);

        // Then
        assertThat(page.data()).extracting(FileView::createdAt).containsExactly(3L, 2L, 1L, 0L);
        assertThat(page.firstId()).isEqualTo(OLDEST_FIRST.getLast().id());
        assertThat(page.lastId()).isEqualTo(OLDEST_FIRST.getFirst().id());
        assertThat(page.hasMore()).isFalse();
    }

    @Test
    void endsBehindTheLastFile() {
        // When
        FileList page = FilePage.of("2", OLDEST_FIRST.getFirst().id().value(), "desc", null)
                .of(OLDEST_FIRST);

        // Then
        assertThat(page).isEqualTo(FileList.of(List.of(), false));
    }

    @Test
    void endsWhereTheLastSeenFileWasDeleted() {
        assertThat(FilePage.of("2", FileId.random().value(), "desc", null)
                        .of(OLDEST_FIRST)
                        .data())
                .isEmpty();
    }

    @Test
    void countsOnlyFilesOfThePurpose() {
        // When
        FileList page = FilePage.of("1", null, "asc", "evals").of(OLDEST_FIRST);

        // Then
        assertThat(page.data()).extracting(FileView::createdAt).containsExactly(1L);
        assertThat(page.hasMore()).isTrue();
    }

    private static FileRecord file(int second) {
        return FileRecord.of(
                FileId.random(),
                1,
                Instant.ofEpochSecond(second),
                "a.jsonl",
                second % 2 == 0 ? FilePurpose.FINE_TUNE : FilePurpose.EVALS,
                "00");
    }
}

package io.lorica.dataset.catalog;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;

import io.lorica.contracts.dataset.FilePurpose;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.event.DomainEvent;
import io.lorica.contracts.event.DomainEvent.DatasetPublished;
import io.lorica.contracts.event.DomainEvent.DatasetRejected;
import io.lorica.contracts.id.FileId;
import io.lorica.contracts.id.Owner;
import io.lorica.dataset.Jobs;
import io.lorica.dataset.Rows;
import io.lorica.dataset.file.FileRegister;
import io.lorica.dataset.file.NewFile;
import io.lorica.dataset.ingest.RowParser;
import io.lorica.storage.DirectoryObjectStore;
import io.lorica.storage.ObjectStore;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

class DatasetPreparationTest {

    @TempDir
    Path folder;

    private FileRegister files;
    private DatasetPreparation preparation;

    @BeforeEach
    void prepare() {
        ObjectStore store = new DirectoryObjectStore(folder.resolve("store"));
        files = new FileRegister(store, Clock.systemUTC());
        preparation = preparation(store);
    }

    private DatasetPreparation preparation(ObjectStore store) {
        FileRegister register = new FileRegister(store, Clock.systemUTC());
        DatasetCatalog catalog = new DatasetCatalog(
                store, register, new RowParser(), folder.resolve("work"), 1 << 20, Clock.systemUTC());
        return new DatasetPreparation(register, catalog, 10, 1, 2);
    }

    @Test
    void publishesATrainingVersionAlone() throws IOException {
        // When
        DomainEvent answer = preparation.answer(Jobs.on(upload(Rows.good(10))));

        // Then
        assertThat(answer).isInstanceOfSatisfying(DatasetPublished.class, published -> {
            assertThat(published.manifest().accepted()).isEqualTo(10);
            assertThat(published.manifestKey())
                    .isEqualTo("datasets/" + published.manifest().id() + "/manifest.json");
            assertThat(published.validation()).isNull();
        });
    }

    @Test
    void namesTheFirstBadLinesOfAFileWithTooFewGoodOnes() throws IOException {
        // When
        DomainEvent answer = preparation.answer(Jobs.on(upload(Rows.good(9) + "[]\n{}\n1\n2\n3\n")));

        // Then
        assertThat(answer).isInstanceOfSatisfying(DatasetRejected.class, rejected -> {
            assertThat(rejected.code()).isEqualTo(ErrorCode.INVALID_N_EXAMPLES);
            assertThat(rejected.message())
                    .startsWith("Training file has 9 example(s), but must have at least 10 examples. 5 row(s)")
                    .contains("3 rows (lines 12, 13 and 1 more): ", " Line 10: ", " Line 11: ")
                    .doesNotContain("Line 12: ");
        });
    }

    @Test
    void callsAFileWithoutOneGoodRowInvalid() throws IOException {
        // When
        DomainEvent answer = preparation.answer(Jobs.on(upload("oops\n")));

        // Then
        assertThat(answer).isInstanceOfSatisfying(DatasetRejected.class, rejected -> {
            assertThat(rejected.code()).isEqualTo(ErrorCode.INVALID_TRAINING_FILE);
            assertThat(rejected.message()).contains("Line 1: ");
        });
    }

    @Test
    void saysInOneSentenceThatAFileIsNoJsonLines() throws IOException {
        // When
        DomainEvent answer =
                preparation.answer(Jobs.on(upload("[\n" + Rows.good(12).replace("}\n", "},\n") + "{}]\n")));

        // Then
        assertThat(answer).isInstanceOfSatisfying(DatasetRejected.class, rejected -> {
            assertThat(rejected.code()).isEqualTo(ErrorCode.INVALID_TRAINING_FILE);
            assertThat(rejected.message())
                    .isEqualTo(
                            "Training file has 0 example(s), but must have at least 10 examples. The file is one JSON"
                                    + " array; write each row on a line of its own, for example with jq -c '.[]'.");
        });
    }

    @Test
    void countsRowsAndNotExamplesAgainstTheMinimum() throws IOException {
        // Given
        String row = "{\"messages\":[{\"role\":\"user\",\"content\":\"1?\"},{\"role\":\"assistant\",\"content\":\"1\"},"
                + "{\"role\":\"user\",\"content\":\"2?\"},{\"role\":\"assistant\",\"content\":\"2\"}]}\n";

        // When
        DomainEvent few = preparation.answer(Jobs.on(upload(row.repeat(9))));
        DomainEvent enough = preparation.answer(Jobs.on(upload(row.repeat(10))));

        // Then
        assertThat(few).isInstanceOf(DatasetRejected.class);
        assertThat(enough)
                .isInstanceOfSatisfying(
                        DatasetPublished.class,
                        published -> assertThat(published.manifest().examples()).isEqualTo(20));
    }

    @Test
    void holdsTheValidationFileToItsOwnMinimum() throws IOException {
        // Given
        FileId training = upload(Rows.good(10));

        // When
        DomainEvent enough = preparation.answer(Jobs.on(training, upload(Rows.good(1))));
        DomainEvent none = preparation.answer(Jobs.on(training, upload("\n")));

        // Then
        assertThat(enough).isInstanceOf(DatasetPublished.class);
        assertThat(none).isInstanceOfSatisfying(DatasetRejected.class, rejected -> {
            assertThat(rejected.code()).isEqualTo(ErrorCode.INVALID_VALIDATION_FILE);
            assertThat(rejected.parameter()).isEqualTo("validation_file");
            assertThat(rejected.message())
                    .isEqualTo("Validation file has 0 example(s), but must have at least 1 examples");
        });
    }

    @Test
    void saysWhichFileIsNotThere() throws IOException {
        // Given
        FileId missing = FileId.random();

        // When
        DomainEvent answer = preparation.answer(Jobs.on(upload(Rows.good(10)), missing));

        // Then
        assertThat(answer).isInstanceOfSatisfying(DatasetRejected.class, rejected -> {
            assertThat(rejected.code()).isEqualTo(ErrorCode.FILE_NOT_FOUND);
            assertThat(rejected.file()).isEqualTo(missing);
            assertThat(rejected.parameter()).isEqualTo("validation_file");
        });
    }

    @Test
    void refusesAFileThatWasUploadedForSomethingElse() throws IOException {
        // Given
        Path content = Files.writeString(folder.resolve("upload"), Rows.good(10));
        FileId file = files.add(content, new NewFile("rows.jsonl", FilePurpose.EVALS, null), Owner.DEFAULT)
                .id();

        // When
        DomainEvent answer = preparation.answer(Jobs.on(file));

        // Then
        assertThat(answer)
                .isInstanceOfSatisfying(
                        DatasetRejected.class,
                        rejected -> assertThat(rejected.code()).isEqualTo(ErrorCode.INVALID_PURPOSE));
    }

    @Test
    void answersAnAskedQuestionAgainInTheSameWay() throws IOException {
        // Given
        var job = Jobs.on(upload(Rows.good(10) + "oops\n"));
        DomainEvent first = preparation.answer(job);

        // When
        DomainEvent second = preparation.answer(job);

        // Then
        assertThat(second).isEqualTo(first);
    }

    @Test
    void leavesAStoreThatIsAwayToWhoeverTriesAgain() {
        // Given
        ProductException away = ProductException.of(ErrorCode.STORE_UNAVAILABLE, "The store is away.");
        ObjectStore broken = (ObjectStore) Proxy.newProxyInstance(
                ObjectStore.class.getClassLoader(), new Class<?>[] {ObjectStore.class}, (_, _, _) -> {
                    throw away;
                });
        DatasetPreparation preparation = preparation(broken);

        // When
        Throwable failure = catchThrowable(() -> preparation.answer(Jobs.on(FileId.random())));

        // Then
        assertThat(failure).isSameAs(away);
    }

    private FileId upload(String rows) throws IOException {
        Path file = Files.writeString(folder.resolve("upload"), rows);
        return files.add(file, new NewFile("rows.jsonl", FilePurpose.FINE_TUNE, null), Owner.DEFAULT)
                .id();
    }
}

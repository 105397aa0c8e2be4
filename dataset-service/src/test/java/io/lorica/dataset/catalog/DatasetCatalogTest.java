package io.lorica.dataset.catalog;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.stream.Stream;

import io.lorica.contracts.dataset.DatasetManifest;
import io.lorica.contracts.dataset.FilePurpose;
import io.lorica.contracts.dataset.FileRecord;
import io.lorica.contracts.dataset.RejectedRow;
import io.lorica.contracts.dataset.SetAside;
import io.lorica.contracts.dataset.TrainingExample;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.id.Owner;
import io.lorica.contracts.job.LossRegion;
import io.lorica.contracts.template.PromptTemplate;
import io.lorica.dataset.Rows;
import io.lorica.dataset.file.FileRegister;
import io.lorica.dataset.file.NewFile;
import io.lorica.dataset.ingest.RowParser;
import io.lorica.kit.event.EventCodec;
import io.lorica.storage.ArtifactLayout;
import io.lorica.storage.Digests;
import io.lorica.storage.DirectoryObjectStore;
import io.lorica.storage.ObjectKey;
import io.lorica.storage.ObjectStore;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

class DatasetCatalogTest {

    private static final String END = "<|endoftext|>";
    private static final Clock NOON = Clock.fixed(Instant.parse("2026-11-24T12:00:00Z"), ZoneOffset.UTC);
    private static final Clock DUSK = Clock.fixed(Instant.parse("2026-11-24T18:00:00Z"), ZoneOffset.UTC);

    @TempDir
    Path folder;

    private ObjectStore store;
    private FileRegister files;

    @BeforeEach
    void openStore() {
        store = new DirectoryObjectStore(folder.resolve("store"));
        files = new FileRegister(store, NOON);
    }

    @Test
    void writesExamplesRejectsAndManifest() throws Exception {
        // Given
        FileRecord file = upload(Rows.good(2) + "oops\n" + Rows.good(1));

        // When
        DatasetManifest manifest = catalog(NOON).prepare(recipe(file));

        // Then
        assertThat(manifest.accepted()).isEqualTo(3);
        assertThat(manifest.rejected()).isEqualTo(1);
        assertThat(manifest.fileDigest()).isEqualTo(file.sha256());
        assertThat(manifest.templateDigest()).isEqualTo(PromptTemplate.REFERENCE_EN.digest());
        byte[] examples = store.read(ArtifactLayout.datasetExamples(manifest.id()));
        assertThat(manifest.examplesDigest()).isEqualTo(Digests.sha256(examples));
        assertThat(examples(manifest)).extracting(TrainingExample::line).containsExactly(1, 2, 4);
        assertThat(rejects(manifest)).extracting(RejectedRow::line).containsExactly(3);
        assertThat(manifest.setAside()).singleElement().satisfies(reason -> {
            assertThat(reason.rows()).isEqualTo(1);
            assertThat(reason.lines()).containsExactly(3);
        });
        assertThat(catalog(NOON).find(manifest.id())).contains(manifest);
    }

    @Test
    void marksWhereMeaningChangesInTextOfAnyScript() throws Exception {
        // Given
        FileRecord file = upload("""
                {"Question":"Was ist 😀?","Complex_CoT":"🤔 思考：很难。","Response":"一张笑脸 🙂!"}
                """);

        // When
        TrainingExample example = examples(catalog(NOON).prepare(recipe(file))).getFirst();

        // Then
        String text = example.text();
        assertThat(text.substring(0, example.promptEnd()))
                .contains("Was ist 😀?")
                .endsWith("<think>");
        assertThat(text.substring(example.promptEnd(), example.thinkingEnd())).isEqualTo("\n🤔 思考：很难。\n</think>\n");
        assertThat(text.substring(example.thinkingEnd(), example.answerEnd())).isEqualTo("一张笑脸 🙂!");
        assertThat(text.substring(example.answerEnd())).isEqualTo(END);
        assertThat(example.columns()).containsEntry("Response", "一张笑脸 🙂!");
    }

    @Test
    void writesAnExampleForEachAnswerThatIsLearned() throws Exception {
        // Given
        FileRecord file = upload("""
                {"messages":[{"role":"user","content":"1?"},{"role":"assistant","content":"<think>a</think>one"},\
                {"role":"user","content":"2?"},{"role":"assistant","content":"zwei","weight":0},\
                {"role":"user","content":"3?"},{"role":"assistant","content":"<think>c</think>three"}]}
                """);
        PromptTemplate template = PromptTemplate.DEEPSEEK_R1;

        // When
        DatasetManifest all = catalog(NOON).prepare(new DatasetRecipe(file, template, END, LossRegion.ALL));

        // Then
        assertThat(all.accepted()).isEqualTo(1);
        assertThat(all.examples()).isEqualTo(2);
        assertThat(all.trainOn()).isEqualTo(LossRegion.ALL);
        assertThat(examples(all))
                .extracting(TrainingExample::text)
                .containsExactly(
                        "<｜begin▁of▁sentence｜><｜User｜>1?<｜Assistant｜><think>\na\n</think>\n\none" + END,
                        "<｜begin▁of▁sentence｜><｜User｜>1?<｜Assistant｜>one<｜end▁of▁sentence｜><｜User｜>2?<｜Assistant｜>zwei"
                                + "<｜end▁of▁sentence｜><｜User｜>3?<｜Assistant｜><think>\nc\n</think>\n\nthree" + END);
        assertThat(examples(all)).extracting(TrainingExample::line).containsExactly(1, 1);
        assertThat(examples(all))
                .extracting(example -> example.columns().keySet())
                .containsExactly(java.util.Set.of("messages"), java.util.Set.of());
    }

    @Test
    void countsRowsOfOneReasonTogetherHoweverManyTheyAre() throws Exception {
        // Given
        String tools = "{\"prompt\":\"a\",\"completion\":\"b\",\"tools\":[{\"type\":\"function\"}]}\n";
        FileRecord file = upload(Rows.good(1) + tools.repeat(5_000) + "oops\n");

        // When
        DatasetManifest manifest = catalog(NOON).prepare(recipe(file));

        // Then
        assertThat(manifest.rejected()).isEqualTo(5_001);
        assertThat(rejects(manifest)).hasSize(5_001);
        assertThat(manifest.setAside()).extracting(SetAside::rows).containsExactly(5_000, 1);
        assertThat(manifest.setAside().getFirst().sentence(3))
                .startsWith("5000 rows (lines 2, 3, 4 and 4997 more): The field \"tools\" describes tools");
        assertThat(manifest.setAside().getLast().sentence(3))
                .startsWith("Line 5002: The line is not valid JSON at column");
    }

    @Test
    void writesTheSameBytesAgainAfterTheManifestWasLost() {
        // Given
        FileRecord file = upload(Rows.good(5) + "oops\n");
        DatasetManifest first = catalog(NOON).prepare(recipe(file));
        store.delete(ArtifactLayout.datasetManifest(first.id()));

        // When
        DatasetManifest second = catalog(DUSK).prepare(recipe(file));

        // Then
        assertThat(second.id()).isEqualTo(first.id());
        assertThat(second.examplesDigest()).isEqualTo(first.examplesDigest());
        assertThat(second.createdAt()).isAfter(first.createdAt());
    }

    @Test
    void leavesAVersionAloneThatIsThere() {
        // Given
        FileRecord file = upload(Rows.good(5));
        DatasetManifest first = catalog(NOON).prepare(recipe(file));
        store.delete(ArtifactLayout.fileContent(file.id()));

        // When
        DatasetManifest second = catalog(DUSK).prepare(recipe(file));

        // Then
        assertThat(second).isEqualTo(first);
    }

    @Test
    void namesTheVersionByEverythingThatDecidesItsContent() {
        // Given
        FileRecord file = upload(Rows.good(1));
        FileRecord twin = upload(Rows.good(1));
        FileRecord other = upload(Rows.good(2));

        // When
        DatasetRecipe recipe = recipe(file);

        // Then
        assertThat(recipe(twin).version()).isEqualTo(recipe.version());
        assertThat(List.of(
                        recipe.version(),
                        recipe(other).version(),
                        new DatasetRecipe(file, PromptTemplate.REFERENCE_ZH, END, LossRegion.ALL).version(),
                        new DatasetRecipe(file, PromptTemplate.REFERENCE_EN, "</s>", LossRegion.ALL).version(),
                        new DatasetRecipe(file, PromptTemplate.REFERENCE_EN, END, LossRegion.LAST).version(),
                        new DatasetRecipe(file, PromptTemplate.REFERENCE_EN, END, LossRegion.FULL).version()))
                .doesNotHaveDuplicates();
    }

    @Test
    void noticesAFileThatWasDamagedInTheStore() {
        // Given
        FileRecord file = upload(Rows.good(5));
        store.put(ArtifactLayout.fileContent(file.id()), "{}".getBytes(StandardCharsets.UTF_8), "text/plain");

        // When
        ProductException failure =
                catchThrowableOfType(ProductException.class, () -> catalog(NOON).prepare(recipe(file)));

        // Then
        assertThat(failure.code()).isEqualTo(ErrorCode.DIGEST_MISMATCH);
        assertThat(catalog(NOON).find(recipe(file).version())).isEmpty();
    }

    @Test
    void leavesNothingInTheWorkDirectory() throws Exception {
        // Given
        FileRecord file = upload(Rows.good(5));

        // When
        catalog(NOON).prepare(recipe(file));

        // Then
        try (Stream<Path> left = Files.list(folder.resolve("work"))) {
            assertThat(left).isEmpty();
        }
    }

    private DatasetCatalog catalog(Clock clock) {
        return new DatasetCatalog(store, files, new RowParser(), folder.resolve("work"), 1 << 20, clock);
    }

    private FileRecord upload(String rows) {
        try {
            Path file = Files.writeString(folder.resolve("upload"), rows);
            return files.add(file, new NewFile("rows.jsonl", FilePurpose.FINE_TUNE, null), Owner.DEFAULT);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static DatasetRecipe recipe(FileRecord file) {
        return new DatasetRecipe(file, PromptTemplate.REFERENCE_EN, END, LossRegion.ALL);
    }

    private List<TrainingExample> examples(DatasetManifest manifest) throws Exception {
        return read(ArtifactLayout.datasetExamples(manifest.id()), TrainingExample.class);
    }

    private List<RejectedRow> rejects(DatasetManifest manifest) throws Exception {
        return read(ArtifactLayout.datasetRejects(manifest.id()), RejectedRow.class);
    }

    private <T> List<T> read(ObjectKey key, Class<T> type) throws Exception {
        List<T> values = new java.util.ArrayList<>();
        for (String line :
                new String(store.read(key), StandardCharsets.UTF_8).lines().toList()) {
            values.add(EventCodec.json().readValue(line, type));
        }
        return values;
    }
}

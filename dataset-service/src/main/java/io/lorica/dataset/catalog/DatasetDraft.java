package io.lorica.dataset.catalog;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.lorica.contracts.chat.Message;
import io.lorica.contracts.dataset.RejectedRow;
import io.lorica.contracts.dataset.SetAside;
import io.lorica.contracts.dataset.TrainingExample;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.FailureWords;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.template.RenderedExample;
import io.lorica.dataset.ingest.Example;
import io.lorica.dataset.ingest.RowOutcome;

/// A version while it is built: two files in the work directory, removed on close. For one thread.
final class DatasetDraft implements AutoCloseable {

    // A mapper of its own: what it writes is named by a digest, so no setting of other mappers may reach it.
    private static final ObjectMapper JSON = JsonMapper.builder().build();

    private final DatasetRecipe recipe;
    private final Path examplesFile;
    private final Path rejectsFile;
    private final OutputStream examples;
    private final OutputStream rejects;
    private final SetAsideRows setAside = new SetAsideRows();
    private int accepted;
    private int examplesMade;

    private DatasetDraft(
            DatasetRecipe recipe, Path examplesFile, Path rejectsFile, OutputStream examples, OutputStream rejects) {
        this.recipe = recipe;
        this.examplesFile = examplesFile;
        this.rejectsFile = rejectsFile;
        this.examples = examples;
        this.rejects = rejects;
    }

    static DatasetDraft open(DatasetRecipe recipe, Path workDirectory) {
        try {
            Files.createDirectories(workDirectory);
            Path examples = Files.createTempFile(workDirectory, "examples-", ".jsonl");
            Path rejects = Files.createTempFile(workDirectory, "rejected-", ".jsonl");
            return new DatasetDraft(
                    recipe,
                    examples,
                    rejects,
                    new BufferedOutputStream(Files.newOutputStream(examples)),
                    new BufferedOutputStream(Files.newOutputStream(rejects)));
        } catch (IOException e) {
            throw diskFailure(workDirectory, e);
        }
    }

    void add(RowOutcome outcome) {
        switch (outcome) {
            case RowOutcome.Accepted(Example example) -> {
                accepted++;
                writeExamples(example);
            }
            case RowOutcome.Rejected(RejectedRow row) -> {
                setAside.add(row);
                write(rejects, rejectsFile, row);
            }
        }
    }

    /// Finishes writing; afterwards the files are whole.
    void finish() {
        try (examples;
                rejects) {
            examples.flush();
            rejects.flush();
        } catch (IOException e) {
            throw diskFailure(examplesFile, e);
        }
    }

    Path examples() {
        return examplesFile;
    }

    Path rejects() {
        return rejectsFile;
    }

    int accepted() {
        return accepted;
    }

    int examplesMade() {
        return examplesMade;
    }

    int rejected() {
        return setAside.rows();
    }

    List<SetAside> setAside() {
        return setAside.reasons();
    }

    // A disk that is full refuses the last bytes once more, and the files must go all the same.
    @Override
    public void close() {
        try {
            finish();
        } finally {
            delete();
        }
    }

    private void delete() {
        try {
            Files.deleteIfExists(examplesFile);
            Files.deleteIfExists(rejectsFile);
        } catch (IOException e) {
            throw diskFailure(examplesFile, e);
        }
    }

    private void writeExamples(Example example) {
        Map<String, Object> columns = example.columns();
        for (List<Message> conversation : example.conversations()) {
            RenderedExample text = recipe.template().render(conversation, recipe.terminator());
            write(examples, examplesFile, TrainingExample.of(example.line(), columns, text));
            examplesMade++;
            // They would else be there once for each answer.
            columns = Map.of();
        }
    }

    private static void write(OutputStream out, Path file, Object line) {
        try {
            out.write(JSON.writeValueAsBytes(line));
            out.write('\n');
        } catch (IOException e) {
            throw diskFailure(file, e);
        }
    }

    private static ProductException diskFailure(Path file, IOException cause) {
        return ProductException.of(
                ErrorCode.OUT_OF_DISK,
                "The dataset cannot be written to " + file + ": " + FailureWords.of(cause)
                        + ". Free some space there, or set lorica.dataset.work-directory.",
                cause);
    }
}

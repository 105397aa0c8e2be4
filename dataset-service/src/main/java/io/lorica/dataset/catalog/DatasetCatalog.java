package io.lorica.dataset.catalog;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

import io.lorica.contracts.dataset.DatasetManifest;
import io.lorica.contracts.dataset.FileRecord;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.FailureWords;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.id.DatasetVersionId;
import io.lorica.dataset.file.FileRegister;
import io.lorica.dataset.ingest.RowOutcome;
import io.lorica.dataset.ingest.RowParser;
import io.lorica.dataset.ingest.RowReader;
import io.lorica.kit.event.EventCodec;
import io.lorica.storage.ArtifactLayout;
import io.lorica.storage.Digests;
import io.lorica.storage.ObjectKey;
import io.lorica.storage.ObjectStore;
import io.lorica.storage.StoredDigest;
import org.jboss.logging.Logger;

/// The dataset versions. A version is written once: examples and rejects first, then the manifest, which only one
/// writer can create. Two processes that build the same version at once write equal bytes, so it does not matter whose
/// manifest wins. Safe for many threads.
public final class DatasetCatalog {

    private static final Logger LOG = Logger.getLogger(DatasetCatalog.class);
    private static final String JSON_LINES = "application/jsonl";

    private final ObjectStore store;
    private final FileRegister files;
    private final RowParser parser;
    private final Path workDirectory;
    private final int longestLine;
    private final Clock clock;

    /// A catalog of the versions in the store.
    ///
    /// @param longestLine the most bytes that a row may have
    public DatasetCatalog(
            ObjectStore store, FileRegister files, RowParser parser, Path workDirectory, int longestLine, Clock clock) {
        this.store = store;
        this.files = files;
        this.parser = parser;
        this.workDirectory = workDirectory;
        this.longestLine = longestLine;
        this.clock = clock;
    }

    /// The version that the recipe makes; it is built unless it is there.
    ///
    /// @throws ProductException with `FILE_NOT_FOUND` when the file has gone, `DIGEST_MISMATCH` when it is damaged
    public DatasetManifest prepare(DatasetRecipe recipe) {
        return prepare(recipe, FormattingProgress.SILENT);
    }

    /// The same, telling how far it is.
    DatasetManifest prepare(DatasetRecipe recipe, FormattingProgress progress) {
        Optional<DatasetManifest> existing = find(recipe.version());
        return existing.isPresent() ? existing.get() : build(recipe, progress);
    }

    /// A version, if it is there.
    public Optional<DatasetManifest> find(DatasetVersionId version) {
        ObjectKey key = ArtifactLayout.datasetManifest(version);
        return store.stat(key).map(_ -> json(key, store.read(key), DatasetManifest.class));
    }

    private DatasetManifest build(DatasetRecipe recipe, FormattingProgress progress) {
        try (DatasetDraft draft = DatasetDraft.open(recipe, workDirectory)) {
            judgeRows(recipe, draft, progress);
            draft.finish();
            DatasetManifest manifest = publish(recipe, draft);
            LOG.infof(
                    "dataset version built datasetVersion=%s fileId=%s accepted=%d examples=%d rejected=%d",
                    manifest.id(), recipe.file().id(), manifest.accepted(), manifest.examples(), manifest.rejected());
            return manifest;
        }
    }

    private void judgeRows(DatasetRecipe recipe, DatasetDraft draft, FormattingProgress progress) {
        FileRecord file = recipe.file();
        MessageDigest digest = Digests.sha256();
        try (InputStream content =
                new DigestInputStream(new ReportedStream(files.open(file), file.bytes(), progress), digest)) {
            RowReader rows = new RowReader(content, longestLine, parser, recipe.trainOn());
            Optional<RowOutcome> row = rows.next();
            while (row.isPresent()) {
                draft.add(row.get());
                row = rows.next();
            }
            content.transferTo(OutputStream.nullOutputStream());
        } catch (IOException e) {
            throw interrupted(ArtifactLayout.fileContent(file.id()), e);
        }
        checkDigest(file, Digests.hex(digest.digest()));
    }

    private DatasetManifest publish(DatasetRecipe recipe, DatasetDraft draft) {
        DatasetVersionId version = recipe.version();
        StoredDigest examples = store.put(ArtifactLayout.datasetExamples(version), draft.examples(), JSON_LINES);
        store.put(ArtifactLayout.datasetRejects(version), draft.rejects(), JSON_LINES);
        DatasetManifest manifest = new DatasetManifest(
                version,
                recipe.file().id(),
                recipe.file().sha256(),
                recipe.template(),
                recipe.template().digest(),
                recipe.terminator(),
                recipe.trainOn(),
                draft.accepted(),
                draft.examplesMade(),
                draft.rejected(),
                draft.setAside(),
                examples.sha256(),
                clock.instant().truncatedTo(ChronoUnit.MILLIS));
        boolean first = store.putIfAbsent(
                ArtifactLayout.datasetManifest(version), EventCodec.bytes(manifest), "application/json");
        return first ? manifest : find(version).orElse(manifest);
    }

    private static void checkDigest(FileRecord file, String found) {
        if (!found.equals(file.sha256())) {
            throw ProductException.of(
                    ErrorCode.DIGEST_MISMATCH,
                    "The file " + file.id() + " is damaged in the store: its SHA-256 is " + found + ", but "
                            + file.sha256() + " was uploaded. Upload it again.");
        }
    }

    private static <T> T json(ObjectKey key, byte[] bytes, Class<T> type) {
        try {
            return EventCodec.json().readValue(bytes, type);
        } catch (IOException e) {
            throw ProductException.of(
                    ErrorCode.INTERNAL_ERROR, "The object " + key + " is damaged. Remove it and try again.", e);
        }
    }

    private static ProductException interrupted(ObjectKey key, IOException cause) {
        return ProductException.of(
                ErrorCode.STORE_UNAVAILABLE,
                "Reading " + key + " was interrupted: " + FailureWords.of(cause) + ".",
                cause);
    }
}

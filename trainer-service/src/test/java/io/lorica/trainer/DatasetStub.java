package io.lorica.trainer;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

import io.lorica.contracts.chat.Message;
import io.lorica.contracts.chat.Role;
import io.lorica.contracts.dataset.DatasetManifest;
import io.lorica.contracts.dataset.FilePurpose;
import io.lorica.contracts.dataset.FileRecord;
import io.lorica.contracts.dataset.TrainingExample;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.event.DomainEvent;
import io.lorica.contracts.id.DatasetVersionId;
import io.lorica.contracts.id.FileId;
import io.lorica.contracts.id.JobId;
import io.lorica.contracts.job.LossRegion;
import io.lorica.contracts.template.PromptTemplate;
import io.lorica.gguf.TensorEncoding;
import io.lorica.kit.event.EventCodec;
import io.lorica.kit.event.EventLog;
import io.lorica.kit.store.StoreConfig;
import io.lorica.llm.demo.DemoModel;
import io.lorica.llm.export.GgufExport;
import io.lorica.llm.weights.ModelFiles;
import io.lorica.storage.ArtifactLayout;
import io.lorica.storage.Digests;
import io.lorica.storage.ObjectKey;
import io.lorica.storage.ObjectStore;
import io.lorica.storage.ObjectStores;
import io.lorica.storage.StoreSettings;
import jakarta.inject.Singleton;

/// The other side of the trainers' conversation: it stores rows and answers for the dataset service, through the same
/// store and the same topics.
@Singleton
public class DatasetStub {

    static final String TERMINATOR = "<|endoftext|>";

    private static final Path MODEL = Path.of("target/demo-model");
    private static final int ROWS = 8;

    private final ObjectStore store;
    private final EventLog log;
    private static final String MODELS = "models-of-users";

    private final StoreConfig config;

    DatasetStub(ObjectStore store, EventLog log, StoreConfig config) {
        this.store = store;
        this.log = log;
        this.config = config;
    }

    /// The directory of a small model, written on the first call.
    String model() {
        if (!Files.exists(MODEL)) {
            DemoModel.write(MODEL, "What colour has stone 1? Stone 1 lies in row 1. It is grey. ".repeat(9));
        }
        return MODEL.toAbsolutePath().toString();
    }

    /// The same model, number for number, as a GGUF file in the store.
    String modelInOneFile() throws IOException {
        Path file = Files.createTempFile(Path.of("target"), "demo", ".gguf");
        GgufExport.model(ModelFiles.at(Path.of(model())), file, "demo", TensorEncoding.F32);
        ObjectKey key = ObjectKey.of("models", "demo.gguf");
        models().put(key, file, "application/octet-stream");
        return "s3://" + MODELS + "/" + key;
    }

    // Not the bucket of Lorica's own artefacts, from which nobody may name a model.
    private ObjectStore models() {
        return ObjectStores.open(
                new StoreSettings(config.endpoint(), config.accessKey(), config.secretKey(), config.region(), MODELS));
    }

    /// A file that a user has uploaded.
    FileId upload() {
        FileId file = FileId.random();
        FileRecord entry =
                FileRecord.of(file, 1, Instant.now(), "rows.jsonl", FilePurpose.FINE_TUNE, Digests.sha256(new byte[1]));
        store.put(ArtifactLayout.fileContent(file), new byte[1], "application/jsonl");
        store.put(ArtifactLayout.fileRecord(file), EventCodec.bytes(entry), "application/json");
        return file;
    }

    /// The version that a job trains on.
    DatasetManifest version(FileId file) {
        ByteArrayOutputStream lines = new ByteArrayOutputStream();
        IntStream.rangeClosed(1, ROWS).mapToObj(DatasetStub::example).forEach(example -> {
            lines.writeBytes(EventCodec.bytes(example));
            lines.write('\n');
        });
        byte[] content = lines.toByteArray();
        String digest = Digests.sha256(content);
        DatasetVersionId id = new DatasetVersionId("dsv-" + digest.substring(0, 24));
        store.put(ArtifactLayout.datasetExamples(id), content, "application/jsonl");
        return new DatasetManifest(
                id,
                file,
                Digests.sha256(new byte[1]),
                PromptTemplate.DEEPSEEK_R1,
                PromptTemplate.DEEPSEEK_R1.digest(),
                TERMINATOR,
                LossRegion.ALL,
                ROWS,
                ROWS,
                0,
                List.of(),
                digest,
                Instant.now());
    }

    /// Answers that a job's rows are good.
    void accept(String job, FileId file) {
        DatasetManifest version = version(file);
        String key = ArtifactLayout.datasetManifest(version.id()).value();
        log.publish(new DomainEvent.DatasetPublished(version, key, new JobId(job), version, key));
    }

    /// Answers that a job's rows cannot be used.
    void reject(String job, FileId file) {
        log.publish(new DomainEvent.DatasetRejected(
                file, new JobId(job), ErrorCode.INVALID_TRAINING_FILE, "No row is usable.", "training_file"));
    }

    private static TrainingExample example(int line) {
        String question = "What colour has stone " + line + "?";
        Message answer = new Message(Role.ASSISTANT, "It is grey.", "Stone " + line + " lies in row " + line + ".");
        return TrainingExample.of(
                line,
                Map.of("Question", question),
                PromptTemplate.DEEPSEEK_R1.render(List.of(Message.of(Role.USER, question), answer), TERMINATOR));
    }
}

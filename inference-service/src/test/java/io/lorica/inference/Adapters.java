package io.lorica.inference;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;

import io.lorica.contracts.adapter.AdapterManifest;
import io.lorica.contracts.adapter.ArtifactFile;
import io.lorica.contracts.id.AdapterId;
import io.lorica.contracts.id.BaseModelId;
import io.lorica.contracts.id.DatasetVersionId;
import io.lorica.contracts.id.FileId;
import io.lorica.contracts.id.JobId;
import io.lorica.contracts.id.ModelName;
import io.lorica.contracts.job.JobSpec;
import io.lorica.contracts.job.LearningRateSchedule;
import io.lorica.contracts.job.LoraSpec;
import io.lorica.contracts.job.TrainingPlan;
import io.lorica.contracts.template.PromptTemplate;
import io.lorica.kit.event.EventCodec;
import io.lorica.storage.ArtifactLayout;
import io.lorica.storage.Digests;
import io.lorica.storage.ObjectKey;
import io.lorica.storage.ObjectStore;

/// Adapters as a trainer leaves them in a store.
public final class Adapters {

    public static final Instant NOW = Instant.parse("2026-11-24T08:00:00Z");
    public static final BaseModelId BASE = new BaseModelId("lorica/demo");

    private Adapters() {}

    /// A finished adapter's name.
    public static ModelName.FineTuned name(BaseModelId base) {
        return ModelName.fineTuned(base, "lorica", "own", AdapterId.random());
    }

    /// What a job on the base model asks for.
    public static JobSpec spec(BaseModelId base) {
        return JobSpec.of(
                base,
                new FileId("file-0123456789abcdefghijkl"),
                PromptTemplate.DEEPSEEK_R1,
                "<｜end▁of▁sentence｜>",
                new LoraSpec(8, 16, 0, LoraSpec.ALL_PROJECTIONS, false),
                new TrainingPlan(2, 1, 1, 30, 1e-2, LearningRateSchedule.CONSTANT, 0, 0, 1.0, 512, 0, 1, null),
                1);
    }

    /// Stores files and manifest.
    public static AdapterManifest store(
            ObjectStore store, ModelName name, BaseModelId base, Map<String, byte[]> files) {
        return store(store, name, base, PromptTemplate.DEEPSEEK_R1.digest(), files);
    }

    /// Stores files and manifest with the digest of a template.
    public static AdapterManifest store(
            ObjectStore store, ModelName name, BaseModelId base, String templateDigest, Map<String, byte[]> files) {
        AdapterId adapter = adapter(name);
        List<ArtifactFile> stored = files.entrySet().stream()
                .map(file -> blob(store, adapter, file.getKey(), file.getValue()))
                .toList();
        AdapterManifest manifest = new AdapterManifest(
                adapter,
                name,
                JobId.random(),
                1,
                3,
                spec(base),
                new DatasetVersionId("dsv-" + "0a".repeat(12)),
                templateDigest,
                null,
                stored,
                List.of(),
                List.of(),
                "CPU",
                "0.1.0",
                NOW);
        store.put(key(name), EventCodec.bytes(manifest), "application/json");
        return manifest;
    }

    /// The files of an adapter that nobody loads.
    public static Map<String, byte[]> files(String weights) {
        return Map.of(
                "adapter_model.safetensors", weights.getBytes(StandardCharsets.UTF_8),
                "adapter_config.json", "{}".getBytes(StandardCharsets.UTF_8),
                "optimizer.safetensors", new byte[9]);
    }

    /// Where the manifest is.
    public static ObjectKey key(ModelName name) {
        return name instanceof ModelName.Checkpoint checkpoint
                ? ArtifactLayout.checkpointManifest(adapter(name), checkpoint.step())
                : ArtifactLayout.adapterManifest(adapter(name));
    }

    private static AdapterId adapter(ModelName name) {
        return switch (name) {
            case ModelName.FineTuned model -> model.adapter();
            case ModelName.Checkpoint checkpoint -> checkpoint.model().adapter();
            case ModelName.Base base -> throw new IllegalArgumentException(base + " has no adapter");
        };
    }

    private static ArtifactFile blob(ObjectStore store, AdapterId adapter, String name, byte[] content) {
        String digest = Digests.sha256(content);
        ObjectKey key = ArtifactLayout.adapterBlob(adapter, digest);
        store.put(key, content, "application/octet-stream");
        return new ArtifactFile(name, key.value(), digest, content.length);
    }
}

package io.lorica.dataset.config;

import io.lorica.contracts.dataset.DatasetManifest;
import io.lorica.contracts.dataset.FileRecord;
import io.lorica.contracts.dataset.RejectedRow;
import io.lorica.contracts.dataset.SetAside;
import io.lorica.contracts.dataset.TrainingExample;
import io.lorica.contracts.error.ErrorEnvelope;
import io.lorica.contracts.event.DomainEvent;
import io.lorica.contracts.event.EventEnvelope;
import io.quarkus.runtime.annotations.RegisterForReflection;

/// What a native executable must keep for reflection: the values that Jackson writes and reads outside of
/// resources, and the messages that the store's client turns into XML and back.
@RegisterForReflection(
        registerFullHierarchy = true,
        targets = {
            EventEnvelope.class,
            DomainEvent.DatasetPublished.class,
            DomainEvent.DatasetRejected.class,
            DomainEvent.JobSubmitted.class,
            DomainEvent.JobStarted.class,
            DomainEvent.MemoryReported.class,
            DomainEvent.JobProgressed.class,
            DomainEvent.CheckpointSaved.class,
            DomainEvent.JobSucceeded.class,
            DomainEvent.JobFailed.class,
            DomainEvent.JobCancelled.class,
            DomainEvent.AdapterPublished.class,
            DomainEvent.AdapterRetired.class,
            DomainEvent.MergeJudged.class,
            DomainEvent.GgufJudged.class,
            DomainEvent.PreparationProgressed.class,
            DomainEvent.JobDelayed.class,
            DomainEvent.JobInterrupted.class,
            DomainEvent.JobWarned.class,
            DomainEvent.JobResumed.class,
            DatasetManifest.class,
            FileRecord.class,
            RejectedRow.class,
            SetAside.class,
            TrainingExample.class,
            ErrorEnvelope.class,
            ErrorEnvelope.Body.class
        })
final class NativeReflection {

    private NativeReflection() {}

    /// The store's client, by name, because the service itself may not know it.
    @RegisterForReflection(
            classNames = {
                "io.minio.Time$S3Time",
                "io.minio.Time$S3Time$S3TimeConverter",
                "io.minio.messages.BasePartsResult",
                "io.minio.messages.Checksum",
                "io.minio.messages.CompleteMultipartUpload",
                "io.minio.messages.CompleteMultipartUploadResult",
                "io.minio.messages.Contents",
                "io.minio.messages.CreateBucketConfiguration",
                "io.minio.messages.CreateBucketConfiguration$Bucket",
                "io.minio.messages.CreateBucketConfiguration$Location",
                "io.minio.messages.ErrorResponse",
                "io.minio.messages.InitiateMultipartUploadResult",
                "io.minio.messages.Initiator",
                "io.minio.messages.Item",
                "io.minio.messages.Item$RestoreStatus",
                "io.minio.messages.Item$UserMetadata",
                "io.minio.messages.Item$UserMetadata$UserMetadataConverter",
                "io.minio.messages.ListBucketResultV2",
                "io.minio.messages.ListObjectsResult",
                "io.minio.messages.ListObjectsResult$Prefix",
                "io.minio.messages.LocationConstraint",
                "io.minio.messages.Owner",
                "io.minio.messages.Part",
                "io.minio.messages.Tags",
                "org.simpleframework.xml.core.AttributeLabel",
                "org.simpleframework.xml.core.ElementArrayLabel",
                "org.simpleframework.xml.core.ElementLabel",
                "org.simpleframework.xml.core.ElementListLabel",
                "org.simpleframework.xml.core.ElementListUnionLabel",
                "org.simpleframework.xml.core.ElementMapLabel",
                "org.simpleframework.xml.core.ElementMapUnionLabel",
                "org.simpleframework.xml.core.ElementUnionLabel",
                "org.simpleframework.xml.core.TextLabel",
                "org.simpleframework.xml.core.TextListLabel",
                "org.simpleframework.xml.core.VersionLabel"
            })
    static final class StoreClient {

        private StoreClient() {}
    }
}

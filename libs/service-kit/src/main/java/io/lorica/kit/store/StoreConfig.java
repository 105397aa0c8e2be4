package io.lorica.kit.store;

import java.net.URI;

import io.lorica.storage.PayloadSigning;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/// Where objects are kept: MinIO, S3 or anything that speaks S3, or a directory.
@ConfigMapping(prefix = "lorica.store")
public interface StoreConfig {

    /// Address of the store, such as `http://127.0.0.1:19000`, or `file:///path` for a directory.
    @WithDefault("http://127.0.0.1:19000")
    URI endpoint();

    /// Access key of the store.
    @WithDefault("lorica")
    String accessKey();

    /// Secret key of the store.
    @WithDefault("lorica-secret")
    String secretKey();

    /// Region of the bucket.
    @WithDefault("us-east-1")
    String region();

    /// Bucket that holds everything; it is created where it is missing.
    @WithDefault("lorica")
    String bucket();

    /// Protection of the bytes of an upload: `always` names their SHA-256 in the signature, `never` sends a CRC-32C
    /// that
    /// the signature covers, and `auto` signs unless the link is https or stays within this machine.
    @WithDefault("auto")
    PayloadSigning payloadSigning();
}

package io.lorica.storage;

import java.net.URI;

/// Where a store is and how to enter it.
///
/// @param endpoint `http://host:port` or `https://host` of an S3 server, or `file:///path` of a directory
/// @param accessKey the access key
/// @param secretKey the secret key
/// @param region the region of the bucket
/// @param bucket the bucket that holds everything
/// @param payloadSigning the protection of uploaded bytes
public record StoreSettings(
        URI endpoint, String accessKey, String secretKey, String region, String bucket, PayloadSigning payloadSigning) {

    /// A store whose payloads are signed where the link asks for it.
    public StoreSettings(URI endpoint, String accessKey, String secretKey, String region, String bucket) {
        this(endpoint, accessKey, secretKey, region, bucket, PayloadSigning.AUTO);
    }

    /// The same store with another bucket.
    public StoreSettings withBucket(String other) {
        return new StoreSettings(endpoint, accessKey, secretKey, region, other, payloadSigning);
    }

    /// Without the secret, so that it may be logged.
    @Override
    public String toString() {
        return endpoint + "/" + bucket + " in " + region;
    }
}

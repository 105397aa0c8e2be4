package io.lorica.storage;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.minio.BucketExistsArgs;
import io.minio.GetObjectArgs;
import io.minio.ListObjectsArgs;
import io.minio.MakeBucketArgs;
import io.minio.MinioClient;
import io.minio.PutObjectArgs;
import io.minio.RemoveObjectArgs;
import io.minio.Result;
import io.minio.StatObjectArgs;
import io.minio.StatObjectResponse;
import io.minio.errors.ErrorResponseException;
import io.minio.errors.MinioException;
import io.minio.errors.ServerException;
import io.minio.messages.Item;
import okhttp3.OkHttpClient;
import org.jspecify.annotations.Nullable;

/// Objects in MinIO, S3, Ceph or whatever else speaks S3, through the MinIO client. The bucket is made when it is
/// missing.
public final class MinioObjectStore implements ObjectStore {

    private static final long PART_SIZE = 16L << 20;
    private static final long UNKNOWN_SIZE = -1;

    private final StoreSettings settings;
    private final MinioClient client;
    private volatile boolean bucketSeen;

    /// A store at the endpoint; nothing is sent before the first use.
    public MinioObjectStore(StoreSettings settings) {
        this.settings = settings;
        this.client = MinioClient.builder()
                .endpoint(settings.endpoint().toString())
                .credentials(settings.accessKey(), settings.secretKey())
                .region(settings.region())
                .httpClient(new OkHttpClient.Builder()
                        .connectTimeout(Duration.ofSeconds(5))
                        .readTimeout(Duration.ofMinutes(1))
                        .writeTimeout(Duration.ofMinutes(1))
                        .build())
                .build();
    }

    @Override
    public StoredDigest put(ObjectKey key, InputStream content, String contentType) {
        makeBucketIfMissing(key);
        MeasuredStream measured = new MeasuredStream(content);
        call(
                key,
                () -> client.putObject(PutObjectArgs.builder().bucket(settings.bucket()).object(key.value()).stream(
                                measured, UNKNOWN_SIZE, PART_SIZE)
                        .contentType(contentType)
                        .build()));
        return measured.result();
    }

    @Override
    public StoredDigest put(ObjectKey key, byte[] content, String contentType) {
        write(key, content, contentType, Map.of());
        return new StoredDigest(content.length, Digests.sha256(content));
    }

    @Override
    public StoredDigest put(ObjectKey key, Path file, String contentType) {
        makeBucketIfMissing(key);
        try (MeasuredStream measured = new MeasuredStream(Files.newInputStream(file))) {
            long size = Files.size(file);
            call(
                    key,
                    () -> client.putObject(PutObjectArgs.builder().bucket(settings.bucket()).object(key.value()).stream(
                                    measured, size, PART_SIZE)
                            .contentType(contentType)
                            .build()));
            return measured.result();
        } catch (IOException e) {
            throw Downloads.failure(key, file, e);
        }
    }

    @Override
    public boolean putIfAbsent(ObjectKey key, byte[] content, String contentType) {
        try {
            write(key, content, contentType, Map.of("If-None-Match", "*"));
            return true;
        } catch (ProductException e) {
            // 412 is the answer of the standard; some servers say 409 to the loser of a race.
            if (status(e.getCause()) == 412 || status(e.getCause()) == 409) {
                return false;
            }
            throw e;
        }
    }

    @Override
    public InputStream open(ObjectKey key) {
        return open(key, 0);
    }

    @Override
    public InputStream open(ObjectKey key, long offset) {
        GetObjectArgs.Builder request =
                GetObjectArgs.builder().bucket(settings.bucket()).object(key.value());
        if (offset > 0) {
            request.offset(offset);
        }
        return call(key, () -> client.getObject(request.build()));
    }

    @Override
    public byte[] read(ObjectKey key) {
        try (InputStream content = open(key)) {
            return content.readAllBytes();
        } catch (IOException e) {
            throw unavailable(key, e);
        }
    }

    @Override
    public void download(ObjectKey key, Path file, Optional<String> sha256) {
        try (InputStream content = open(key)) {
            Downloads.write(key, content, file, sha256);
        } catch (IOException e) {
            throw unavailable(key, e);
        }
    }

    @Override
    public Optional<StoredObject> stat(ObjectKey key) {
        try {
            StatObjectResponse found = call(
                    key,
                    () -> client.statObject(StatObjectArgs.builder()
                            .bucket(settings.bucket())
                            .object(key.value())
                            .build()));
            return Optional.of(
                    new StoredObject(key, found.size(), found.lastModified().toInstant()));
        } catch (ProductException e) {
            if (e.code() == ErrorCode.OBJECT_NOT_FOUND) {
                return Optional.empty();
            }
            throw e;
        }
    }

    @Override
    public List<StoredObject> list(ObjectKey prefix) {
        List<StoredObject> found = new ArrayList<>();
        Iterable<Result<Item>> pages = client.listObjects(ListObjectsArgs.builder()
                .bucket(settings.bucket())
                .prefix(prefix.value() + "/")
                .recursive(true)
                .build());
        try {
            for (Result<Item> entry : pages) {
                Item item = call(prefix, entry::get);
                found.add(new StoredObject(
                        new ObjectKey(item.objectName()),
                        item.size(),
                        item.lastModified().toInstant()));
            }
        } catch (ProductException e) {
            if (e.code() != ErrorCode.OBJECT_NOT_FOUND) {
                throw e;
            }
        }
        return found;
    }

    @Override
    public void delete(ObjectKey key) {
        try {
            call(key, () -> {
                client.removeObject(RemoveObjectArgs.builder()
                        .bucket(settings.bucket())
                        .object(key.value())
                        .build());
                return key;
            });
        } catch (ProductException e) {
            if (e.code() != ErrorCode.OBJECT_NOT_FOUND) {
                throw e;
            }
        }
    }

    private void write(ObjectKey key, byte[] content, String contentType, Map<String, String> headers) {
        makeBucketIfMissing(key);
        call(
                key,
                () -> client.putObject(PutObjectArgs.builder()
                        .bucket(settings.bucket())
                        .object(key.value())
                        .data(content, content.length)
                        .contentType(contentType)
                        .extraHeaders(headers)
                        .build()));
    }

    private void makeBucketIfMissing(ObjectKey key) {
        if (bucketSeen) {
            return;
        }
        BucketExistsArgs question =
                BucketExistsArgs.builder().bucket(settings.bucket()).build();
        if (!call(key, () -> client.bucketExists(question))) {
            makeBucket(key);
        }
        bucketSeen = true;
    }

    // Services that start together race for the bucket; the loser finds what it wanted.
    private void makeBucket(ObjectKey key) {
        try {
            call(key, () -> {
                client.makeBucket(
                        MakeBucketArgs.builder().bucket(settings.bucket()).build());
                return key;
            });
        } catch (ProductException e) {
            if (status(e.getCause()) != 409) {
                throw e;
            }
        }
    }

    /// One request to the server.
    private interface Request<T> {
        T send() throws MinioException;
    }

    private <T> T call(ObjectKey key, Request<T> request) {
        try {
            return request.send();
        } catch (ErrorResponseException e) {
            throw refused(key, e);
        } catch (MinioException e) {
            throw unavailable(key, e);
        }
    }

    private ProductException refused(ObjectKey key, ErrorResponseException failure) {
        return switch (failure.errorResponse().code()) {
            case "NoSuchKey", "NoSuchObject", "NotFound", "NoSuchBucket" ->
                ProductException.of(
                        ErrorCode.OBJECT_NOT_FOUND,
                        "There is no object " + key + " in the bucket " + settings.bucket() + ".",
                        failure);
            case "AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch" ->
                ProductException.of(
                        ErrorCode.STORE_UNAVAILABLE,
                        "The store at " + settings.endpoint() + " refuses the access key '" + settings.accessKey()
                                + "' for the bucket " + settings.bucket()
                                + ". Check lorica.store.access-key, lorica.store.secret-key and the rights of the key.",
                        failure);
            default -> unavailable(key, failure);
        };
    }

    private ProductException unavailable(ObjectKey key, Exception cause) {
        return ProductException.of(
                ErrorCode.STORE_UNAVAILABLE,
                "The store at " + settings.endpoint() + " did not serve " + key + ": " + reason(cause)
                        + ". Check that it runs and that lorica.store.endpoint is right.",
                cause);
    }

    private static String reason(Throwable cause) {
        Throwable root = cause;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
    }

    private static int status(@Nullable Throwable cause) {
        return switch (cause) {
            case ErrorResponseException e -> e.response().code();
            case ServerException e -> e.statusCode();
            case null, default -> 0;
        };
    }
}

package io.lorica.storage;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.minio.BucketExistsArgs;
import io.minio.Checksum;
import io.minio.GetObjectArgs;
import io.minio.ListObjectsArgs;
import io.minio.MakeBucketArgs;
import io.minio.MinioAsyncClient;
import io.minio.MinioClient;
import io.minio.PutObjectArgs;
import io.minio.RemoveObjectArgs;
import io.minio.Result;
import io.minio.StatObjectArgs;
import io.minio.StatObjectResponse;
import io.minio.messages.Item;
import okhttp3.Dispatcher;
import okhttp3.OkHttpClient;

/// Objects in MinIO, S3, Ceph or whatever else speaks S3, through the MinIO client. The bucket is made when it is
/// missing. What may be sent twice is repeated when it fails by chance.
public final class MinioObjectStore implements ObjectStore {

    private static final long PART_SIZE = 16L << 20;
    private static final long UNKNOWN_SIZE = -1;
    private static final int RANGE_NOT_SATISFIABLE = 416;

    private final StoreSettings settings;
    private final UploadSizes sizes;
    private final OkHttpClient http;
    private final StoreCalls calls;
    private final MinioClient client;
    // A conditional write that was sent twice without our knowing would be refused by its own first copy.
    private final MinioClient unrepeated;
    private final FileUploads uploads;
    private volatile boolean bucketSeen;

    /// A store at the endpoint; nothing is sent before the first use.
    public MinioObjectStore(StoreSettings settings) {
        this(settings, UploadSizes.suiting(settings));
    }

    /// A store whose files go up in requests of the given sizes.
    public MinioObjectStore(StoreSettings settings, UploadSizes sizes) {
        this(settings, sizes, http());
    }

    private MinioObjectStore(StoreSettings settings, UploadSizes sizes, OkHttpClient http) {
        this.settings = settings;
        this.sizes = sizes;
        this.http = http;
        this.calls = new StoreCalls(settings);
        this.client = client(settings, http);
        this.unrepeated = client(
                settings, http.newBuilder().retryOnConnectionFailure(false).build());
        this.uploads = new FileUploads(settings, calls, asyncClient(settings, http), sizes);
    }

    /// Another bucket of the same server, over the same connections.
    MinioObjectStore inBucket(String bucket) {
        return new MinioObjectStore(settings.withBucket(bucket), sizes, http);
    }

    private static OkHttpClient http() {
        // The default of five requests at once to one host would let the parts of one upload hold up all else.
        Dispatcher dispatcher = new Dispatcher();
        dispatcher.setMaxRequestsPerHost(dispatcher.getMaxRequests());
        return new OkHttpClient.Builder()
                .dispatcher(dispatcher)
                .connectTimeout(Duration.ofSeconds(5))
                .readTimeout(Duration.ofMinutes(1))
                .writeTimeout(Duration.ofMinutes(1))
                .build();
    }

    private static MinioAsyncClient asyncClient(StoreSettings settings, OkHttpClient http) {
        return MinioAsyncClient.builder()
                .endpoint(settings.endpoint().toString())
                .credentials(settings.accessKey(), settings.secretKey())
                .region(settings.region())
                .httpClient(http)
                .build();
    }

    private static MinioClient client(StoreSettings settings, OkHttpClient http) {
        return MinioClient.builder()
                .endpoint(settings.endpoint().toString())
                .credentials(settings.accessKey(), settings.secretKey())
                .region(settings.region())
                .httpClient(http)
                .build();
    }

    @Override
    public StoredDigest put(ObjectKey key, InputStream content, String contentType) {
        MeasuredStream measured = new MeasuredStream(content);
        makeBucketIfMissing(key);
        try {
            calls.once(key, () -> client.putObject(streaming(key, measured, contentType)));
            return measured.result();
        } catch (ProductException e) {
            throw measured.failure()
                    .map(broken -> Downloads.brokenOff(key, measured, broken))
                    .orElseGet(() -> forgetBucket(e));
        }
    }

    @Override
    public StoredDigest put(ObjectKey key, byte[] content, String contentType) {
        write(() -> calls.repeated(key, () -> client.putObject(small(key, content, contentType, Map.of()))), key);
        return new StoredDigest(content.length, Digests.sha256(content));
    }

    @Override
    public StoredDigest put(ObjectKey key, Path file, String contentType) {
        if (!Files.isReadable(file)) {
            throw new IllegalArgumentException(file + " cannot be read");
        }
        return write(() -> uploads.upload(key, file, contentType), key);
    }

    @Override
    public boolean putIfAbsent(ObjectKey key, byte[] content, String contentType) {
        Map<String, String> condition = Map.of("If-None-Match", "*");
        try {
            write(() -> calls.once(key, () -> unrepeated.putObject(small(key, content, contentType, condition))), key);
            return true;
        } catch (ProductException e) {
            // 412 is the answer of the standard; some servers say 409 to the loser of a race.
            int status = StoreCalls.status(e.getCause());
            if (status == 412 || status == 409) {
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
        try {
            return calls.repeated(key, () -> client.getObject(request.build()));
        } catch (ProductException e) {
            if (StoreCalls.status(e.getCause()) == RANGE_NOT_SATISFIABLE) {
                return InputStream.nullInputStream();
            }
            throw e;
        }
    }

    @Override
    public byte[] read(ObjectKey key) {
        return calls.repeated(key, () -> {
            try (InputStream content = client.getObject(whole(key))) {
                return content.readAllBytes();
            }
        });
    }

    @Override
    public void download(ObjectKey key, Path file, Optional<String> sha256) {
        calls.repeated(key, () -> {
            try (InputStream content = client.getObject(whole(key))) {
                Downloads.write(key, content, file, sha256);
                return file;
            }
        });
    }

    @Override
    public Optional<StoredObject> stat(ObjectKey key) {
        StatObjectArgs question = StatObjectArgs.builder()
                .bucket(settings.bucket())
                .object(key.value())
                .build();
        try {
            StatObjectResponse found = calls.repeated(key, () -> client.statObject(question));
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
        ListObjectsArgs question = ListObjectsArgs.builder()
                .bucket(settings.bucket())
                .prefix(prefix.value() + "/")
                .recursive(true)
                .build();
        try {
            return calls.repeated(prefix, () -> {
                List<StoredObject> found = new ArrayList<>();
                for (Result<Item> entry : client.listObjects(question)) {
                    found.add(stored(entry.get()));
                }
                return found;
            });
        } catch (ProductException e) {
            if (e.code() == ErrorCode.OBJECT_NOT_FOUND) {
                return List.of();
            }
            throw e;
        }
    }

    @Override
    public void delete(ObjectKey key) {
        RemoveObjectArgs request = RemoveObjectArgs.builder()
                .bucket(settings.bucket())
                .object(key.value())
                .build();
        try {
            calls.repeated(key, () -> {
                client.removeObject(request);
                return key;
            });
        } catch (ProductException e) {
            if (e.code() != ErrorCode.OBJECT_NOT_FOUND) {
                throw e;
            }
        }
    }

    private PutObjectArgs streaming(ObjectKey key, InputStream content, String contentType) {
        return PutObjectArgs.builder().bucket(settings.bucket()).object(key.value()).stream(
                        content, UNKNOWN_SIZE, PART_SIZE)
                .contentType(contentType)
                // Signature and checksum are then the same digest.
                .checksum(Checksum.Algorithm.SHA256)
                .build();
    }

    private PutObjectArgs small(ObjectKey key, byte[] content, String contentType, Map<String, String> headers) {
        return PutObjectArgs.builder()
                .bucket(settings.bucket())
                .object(key.value())
                .data(content, content.length)
                .contentType(contentType)
                .extraHeaders(headers)
                .build();
    }

    private GetObjectArgs whole(ObjectKey key) {
        return GetObjectArgs.builder()
                .bucket(settings.bucket())
                .object(key.value())
                .build();
    }

    private static StoredObject stored(Item item) {
        return new StoredObject(
                new ObjectKey(item.objectName()),
                item.size(),
                item.lastModified().toInstant());
    }

    private <T> T write(Supplier<T> request, ObjectKey key) {
        makeBucketIfMissing(key);
        try {
            return request.get();
        } catch (ProductException e) {
            throw forgetBucket(e);
        }
    }

    // A write that finds no bucket came after someone removed it; the next one makes it again.
    private ProductException forgetBucket(ProductException failure) {
        if (failure.code() != ErrorCode.OBJECT_NOT_FOUND) {
            return failure;
        }
        bucketSeen = false;
        return ProductException.of(
                ErrorCode.STORE_UNAVAILABLE,
                "The bucket " + settings.bucket() + " at " + settings.endpoint()
                        + " is gone; it is made again when you try again.",
                failure);
    }

    private void makeBucketIfMissing(ObjectKey key) {
        if (bucketSeen) {
            return;
        }
        BucketExistsArgs question =
                BucketExistsArgs.builder().bucket(settings.bucket()).build();
        if (!calls.repeated(key, () -> client.bucketExists(question))) {
            makeBucket(key);
        }
        bucketSeen = true;
    }

    // Services that start together race for the bucket; the loser finds what it wanted.
    private void makeBucket(ObjectKey key) {
        MakeBucketArgs request =
                MakeBucketArgs.builder().bucket(settings.bucket()).build();
        try {
            calls.once(key, () -> {
                client.makeBucket(request);
                return key;
            });
        } catch (ProductException e) {
            if (StoreCalls.status(e.getCause()) != 409) {
                throw e;
            }
        }
    }
}

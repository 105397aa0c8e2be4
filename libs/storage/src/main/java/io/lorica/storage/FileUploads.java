package io.lorica.storage;

import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import io.lorica.contracts.error.ProductException;
import io.minio.AbortMultipartUploadArgs;
import io.minio.CompleteMultipartUploadArgs;
import io.minio.CreateMultipartUploadArgs;
import io.minio.Http;
import io.minio.MinioAsyncClient;
import io.minio.PutObjectAPIArgs;
import io.minio.UploadPartArgs;
import io.minio.errors.MinioException;
import io.minio.messages.Part;

/// Uploads of files: in one request where the file is small, else in parts of which several travel at once. The bytes
/// are digested once, while earlier parts are on their way, and sent from the file, so that nothing of it is kept in
/// memory. Safe for many threads.
final class FileUploads {

    private static final int PARALLEL_PARTS = 3;
    private static final int BUFFER = 1 << 18;

    private final StoreSettings settings;
    private final StoreCalls calls;
    private final MinioAsyncClient client;
    private final boolean signed;
    private final UploadSizes sizes;

    FileUploads(StoreSettings settings, StoreCalls calls, MinioAsyncClient client, UploadSizes sizes) {
        this.settings = settings;
        this.calls = calls;
        this.client = client;
        this.signed = settings.payloadSigning().signs(settings.endpoint());
        this.sizes = sizes;
    }

    /// A section of a file with the headers that protect it.
    private record Section(Path file, long offset, long length, Http.Headers headers) {

        RandomAccessFile open() throws IOException {
            RandomAccessFile content = new RandomAccessFile(file.toFile(), "r");
            content.seek(offset);
            return content;
        }
    }

    /// Uploads a file.
    StoredDigest upload(ObjectKey key, Path file, String contentType) {
        MessageDigest whole = Digests.sha256();
        try (InputStream content = Files.newInputStream(file)) {
            long size = Files.size(file);
            if (size <= sizes.largestRequest()) {
                Section all = measure(file, content, 0, size, whole);
                calls.repeated(key, () -> put(key, all, contentType));
            } else {
                inParts(key, file, content, size, contentType, whole);
            }
            return new StoredDigest(size, Digests.hex(whole.digest()));
        } catch (IOException e) {
            throw Downloads.unreadable(key, file, e);
        }
    }

    private Object put(ObjectKey key, Section content, String contentType) throws MinioException, IOException {
        try (RandomAccessFile body = content.open()) {
            return await(client.putObject(PutObjectAPIArgs.builder()
                    .bucket(settings.bucket())
                    .object(key.value())
                    .file(body, content.length())
                    .contentType(contentType)
                    .headers(content.headers())
                    .build()));
        }
    }

    private void inParts(
            ObjectKey key, Path file, InputStream content, long size, String contentType, MessageDigest whole)
            throws IOException {
        String upload = calls.repeated(key, () -> begin(key, contentType));
        try {
            Part[] parts = sendAll(key, upload, file, content, size, whole);
            calls.once(key, () -> complete(key, upload, parts));
        } catch (IOException | ProductException e) {
            abort(key, upload, e);
            throw e;
        }
    }

    private String begin(ObjectKey key, String contentType) throws MinioException, IOException {
        Http.Headers headers = new Http.Headers(Http.Headers.CONTENT_TYPE, contentType);
        headers.put(
                "x-amz-checksum-algorithm",
                PayloadChecksum.of(signed).algorithm().toString().toUpperCase(Locale.ROOT));
        return await(client.createMultipartUpload(CreateMultipartUploadArgs.builder()
                        .bucket(settings.bucket())
                        .object(key.value())
                        .headers(headers)
                        .build()))
                .result()
                .uploadId();
    }

    private Part[] sendAll(ObjectKey key, String upload, Path file, InputStream content, long size, MessageDigest whole)
            throws IOException {
        long partSize = sizes.partSize();
        List<Part> sent = new ArrayList<>();
        Deque<Future<Part>> onTheirWay = new ArrayDeque<>();
        try (ExecutorService senders =
                Executors.newFixedThreadPool(PARALLEL_PARTS, Thread.ofVirtual().factory())) {
            try {
                for (long offset = 0; offset < size; offset += partSize) {
                    Section section = measure(file, content, offset, Math.min(partSize, size - offset), whole);
                    int number = (int) (offset / partSize) + 1;
                    onTheirWay.add(
                            senders.submit(() -> calls.repeated(key, () -> sendPart(key, upload, number, section))));
                    if (onTheirWay.size() >= PARALLEL_PARTS) {
                        sent.add(result(key, onTheirWay.remove()));
                    }
                }
                while (!onTheirWay.isEmpty()) {
                    sent.add(result(key, onTheirWay.remove()));
                }
            } finally {
                onTheirWay.forEach(part -> part.cancel(true));
            }
        }
        return sent.toArray(Part[]::new);
    }

    private Part sendPart(ObjectKey key, String upload, int number, Section section)
            throws MinioException, IOException {
        try (RandomAccessFile body = section.open()) {
            return await(client.uploadPart(UploadPartArgs.builder()
                            .bucket(settings.bucket())
                            .object(key.value())
                            .uploadId(upload)
                            .partNumber(number)
                            .file(body, section.length())
                            .headers(section.headers())
                            .build()))
                    .part();
        }
    }

    private Object complete(ObjectKey key, String upload, Part[] parts) throws MinioException, IOException {
        return await(client.completeMultipartUpload(CompleteMultipartUploadArgs.builder()
                .bucket(settings.bucket())
                .object(key.value())
                .uploadId(upload)
                .parts(parts)
                .build()));
    }

    // Parts that nobody completes take room in the store for ever.
    private void abort(ObjectKey key, String upload, Exception cause) {
        try {
            calls.once(
                    key,
                    () -> await(client.abortMultipartUpload(AbortMultipartUploadArgs.builder()
                            .bucket(settings.bucket())
                            .object(key.value())
                            .uploadId(upload)
                            .build())));
        } catch (ProductException e) {
            cause.addSuppressed(e);
        }
    }

    private Section measure(Path file, InputStream content, long offset, long length, MessageDigest whole)
            throws IOException {
        PayloadChecksum checksum = PayloadChecksum.of(signed);
        byte[] buffer = new byte[(int) Math.min(BUFFER, Math.max(1, length))];
        long left = length;
        while (left > 0) {
            int count = content.read(buffer, 0, (int) Math.min(buffer.length, left));
            if (count < 0) {
                throw new IOException("the file became shorter while it was read");
            }
            checksum.update(buffer, count);
            whole.update(buffer, 0, count);
            left -= count;
        }
        return new Section(file, offset, length, checksum.headers());
    }

    private static <T> T await(CompletableFuture<T> answer) throws MinioException, IOException {
        try {
            return answer.get();
        } catch (InterruptedException e) {
            answer.cancel(true);
            throw new IllegalStateException(e);
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case MinioException refused -> throw refused;
                case IOException wire -> throw wire;
                case null, default -> throw new IllegalStateException(e.getCause());
            }
        }
    }

    private static <T> T result(ObjectKey key, Future<T> part) {
        try {
            return part.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof ProductException failure ? failure : new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Downloads.interrupted(key, e);
        }
    }
}

package io.lorica.testkit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.id.RandomIdentifier;
import io.lorica.storage.Digests;
import io.lorica.storage.MinioObjectStore;
import io.lorica.storage.ObjectKey;
import io.lorica.storage.ObjectStore;
import io.lorica.storage.PayloadSigning;
import io.lorica.storage.StoreSettings;
import io.lorica.storage.StoredDigest;
import io.lorica.storage.UploadSizes;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/// The contract, kept by the MinIO client against a real S3 server, and what only a server can do wrong.
class MinioObjectStoreIT extends ObjectStoreContract {

    private static final ObjectKey KEY = ObjectKey.of("folder", "object");

    // S3 takes no smaller part but the last.
    private static final int SMALLEST_PART = 5 << 20;

    private static StoreSettings settings;
    private static ObjectStore store;

    @BeforeAll
    static void open() {
        URI endpoint = URI.create(SharedPlatform.find().store());
        settings = new StoreSettings(
                endpoint, PlatformProcess.ACCESS_KEY, PlatformProcess.SECRET_KEY, "us-east-1", freshBucket());
        store = new MinioObjectStore(settings);
    }

    @Override
    protected ObjectStore store() {
        return store;
    }

    @Test
    void findsNothingWhereThereIsNoBucketYet() {
        // Given
        ObjectStore empty = new MinioObjectStore(settings.withBucket(freshBucket()));

        // When // Then
        assertThat(empty.stat(KEY)).isEmpty();
        assertThat(empty.list(KEY)).isEmpty();
        empty.delete(KEY);
    }

    @Test
    void makesTheBucketWhenSeveralWritersFindItMissingAtOnce() throws Exception {
        // Given
        String bucket = freshBucket();
        List<Callable<Boolean>> writers = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            ObjectKey key = ObjectKey.of("folder", "object-" + i);
            // A store each, as four services that start together have.
            ObjectStore each = new MinioObjectStore(settings.withBucket(bucket));
            writers.add(() -> each.putIfAbsent(key, text("x"), "text/plain"));
        }

        // When
        List<Boolean> written = new ArrayList<>();
        try (ExecutorService executor = Executors.newFixedThreadPool(4)) {
            for (Future<Boolean> writer : executor.invokeAll(writers)) {
                written.add(writer.get());
            }
        }

        // Then
        assertThat(written).containsOnly(true);
        assertThat(new MinioObjectStore(settings.withBucket(bucket)).list(ObjectKey.of("folder")))
                .hasSize(4);
    }

    @ParameterizedTest
    @EnumSource(PayloadSigning.class)
    void takesAFileOfSeveralPartsWithItsDigest(PayloadSigning signing) throws IOException {
        // Given
        ObjectStore inParts = new MinioObjectStore(signing(signing), new UploadSizes(SMALLEST_PART, SMALLEST_PART));
        byte[] content = new byte[3 * SMALLEST_PART + 7];
        new Random(1).nextBytes(content);
        Path file = Files.write(folder.resolve("parts"), content);

        // When
        StoredDigest written = inParts.put(KEY, file, "application/octet-stream");

        // Then
        assertThat(written).isEqualTo(new StoredDigest(content.length, Digests.sha256(content)));
        assertThat(inParts.read(KEY)).isEqualTo(content);
    }

    @ParameterizedTest
    @EnumSource(PayloadSigning.class)
    void takesAFileInOneRequestWithItsDigest(PayloadSigning signing) throws IOException {
        // Given
        ObjectStore whole = new MinioObjectStore(signing(signing));
        Path file = Files.write(folder.resolve("whole"), text("abc"));

        // When
        StoredDigest written = whole.put(KEY, file, "text/plain");

        // Then
        assertThat(written).isEqualTo(new StoredDigest(3, Digests.sha256(text("abc"))));
        assertThat(whole.read(KEY)).isEqualTo(text("abc"));
    }

    @Test
    void namesTheAccessKeyThatIsRefused() {
        // Given
        ObjectStore locked = new MinioObjectStore(new StoreSettings(
                settings.endpoint(), settings.accessKey(), "wrong-secret", settings.region(), settings.bucket()));

        // When // Then
        List.<Runnable>of(
                        () -> locked.read(KEY), () -> locked.stat(KEY), () -> locked.put(KEY, text("x"), "text/plain"))
                .forEach(call -> assertThatExceptionOfType(ProductException.class)
                        .isThrownBy(call::run)
                        .satisfies(failure -> assertThat(failure.code()).isEqualTo(ErrorCode.STORE_UNAVAILABLE))
                        .withMessageContaining(settings.endpoint().toString())
                        .withMessageContaining("'lorica'")
                        .withMessageContaining("lorica.store.secret-key")
                        .withMessageNotContaining("wrong-secret"));
    }

    @Test
    void namesTheAddressOfAServerThatIsAway() throws IOException {
        // Given
        URI nowhere = URI.create("http://127.0.0.1:" + unusedPort());
        ObjectStore away = new MinioObjectStore(new StoreSettings(
                nowhere, settings.accessKey(), settings.secretKey(), settings.region(), settings.bucket()));

        // When // Then
        List.<Runnable>of(
                        () -> away.read(KEY),
                        () -> away.list(KEY),
                        () -> away.putIfAbsent(KEY, text("x"), "text/plain"))
                .forEach(call -> assertThatExceptionOfType(ProductException.class)
                        .isThrownBy(call::run)
                        .satisfies(failure -> assertThat(failure.code()).isEqualTo(ErrorCode.STORE_UNAVAILABLE))
                        .withMessageContaining(nowhere.toString())
                        .withMessageContaining("lorica.store.endpoint"));
    }

    private static StoreSettings signing(PayloadSigning signing) {
        return new StoreSettings(
                settings.endpoint(),
                settings.accessKey(),
                settings.secretKey(),
                settings.region(),
                settings.bucket(),
                signing);
    }

    private static String freshBucket() {
        return "test-" + RandomIdentifier.of(8);
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static int unusedPort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}

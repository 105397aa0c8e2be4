package io.lorica.testkit;

import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.id.RandomIdentifier;
import io.lorica.storage.ObjectKey;
import io.lorica.storage.ObjectStore;
import io.lorica.storage.StoredDigest;
import io.lorica.storage.StoredObject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/// What every object store does, whatever is behind it.
public abstract class ObjectStoreContract {

    private static final String TEXT = "text/plain";
    private static final String SHA256_OF_ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    private static final int THREADS = 16;
    private static final int ROUNDS = 5;
    private static final int PASSERS = 4;
    // Enough for a listing that trips over a vanished file to do so in every run.
    private static final int VISITS = 50;
    private static final long LARGE = 64L << 20;
    // Two parts and a bit where a file goes up in parts of 64 MiB.
    private static final long LARGE_FILE = (128L << 20) + 12_345;

    private final ObjectKey own = ObjectKey.of("contract", RandomIdentifier.of(8));

    /// The folder that a test may use on this machine.
    @TempDir
    protected Path folder;

    /// The store under test.
    protected abstract ObjectStore store();

    @Test
    void givesBackWhatWasWritten() {
        // When
        StoredDigest written = store().put(own.child("a"), bytes("abc"), TEXT);

        // Then
        assertThat(written).isEqualTo(new StoredDigest(3, SHA256_OF_ABC));
        assertThat(store().read(own.child("a"))).isEqualTo(bytes("abc"));
    }

    @Test
    void replacesAnObjectUnderTheSameKey() {
        // Given
        store().put(own.child("a"), bytes("a longer text"), TEXT);

        // When
        store().put(own.child("a"), bytes("abc"), TEXT);

        // Then
        assertThat(store().read(own.child("a"))).isEqualTo(bytes("abc"));
    }

    @Test
    void keepsAnEmptyObject() {
        // When
        store().put(own.child("empty"), new ByteArrayInputStream(new byte[0]), TEXT);

        // Then
        assertThat(store().stat(own.child("empty"))).map(StoredObject::size).contains(0L);
        assertThat(store().read(own.child("empty"))).isEmpty();
    }

    @Test
    void streamsALargeObjectOfUnknownLengthInAndOut() throws IOException {
        // Given
        MessageDigest sent = sha256();
        ObjectKey key = own.child("large");
        Path copy = folder.resolve("sub/large");

        // When
        StoredDigest written = store().put(key, new Pattern(LARGE, sent), "application/octet-stream");
        store().download(key, copy, Optional.of(written.sha256()));

        // Then
        assertThat(written).isEqualTo(new StoredDigest(LARGE, HexFormat.of().formatHex(sent.digest())));
        assertThat(Files.size(copy)).isEqualTo(LARGE);
    }

    @Test
    void uploadsAFile() throws IOException {
        // Given
        Path file = Files.write(folder.resolve("abc"), bytes("abc"));

        // When
        StoredDigest written = store().put(own.child("file"), file, TEXT);

        // Then
        assertThat(written).isEqualTo(new StoredDigest(3, SHA256_OF_ABC));
        assertThat(store().read(own.child("file"))).isEqualTo(bytes("abc"));
    }

    @Test
    void uploadsALargeFileWithTheDigestOfItsBytes() throws IOException {
        // Given
        MessageDigest sent = sha256();
        Path file = folder.resolve("large-file");
        try (InputStream pattern = new Pattern(LARGE_FILE, sent)) {
            Files.copy(pattern, file);
        }
        Path copy = folder.resolve("copy");

        // When
        StoredDigest written = store().put(own.child("large-file"), file, "application/octet-stream");
        store().download(own.child("large-file"), copy, Optional.of(written.sha256()));

        // Then
        assertThat(written)
                .isEqualTo(new StoredDigest(LARGE_FILE, HexFormat.of().formatHex(sent.digest())));
        assertThat(copy).hasSameBinaryContentAs(file);
    }

    @Test
    void storesNothingOfAStreamThatBreaksOff() {
        // Given
        ObjectKey key = own.child("broken");
        InputStream broken = new BrokenStream(bytes("only the beginning"));

        // When // Then
        assertThatExceptionOfType(ProductException.class)
                .isThrownBy(() -> store().put(key, broken, TEXT))
                .satisfies(failure -> assertThat(failure.code()).isEqualTo(ErrorCode.INVALID_REQUEST))
                .withMessageContaining("broke off after 18 bytes")
                .withMessageContaining("the line is dead");
        assertThat(store().stat(key)).isEmpty();
        assertThat(store().list(own)).isEmpty();
    }

    @Test
    void readsFromAnOffset() throws IOException {
        // Given
        store().put(own.child("digits"), bytes("0123456789"), TEXT);

        // When
        try (InputStream tail = store().open(own.child("digits"), 7)) {
            // Then
            assertThat(tail.readAllBytes()).isEqualTo(bytes("789"));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {10, 11, 1_000_000})
    void readsNothingFromAnOffsetAtTheEndOrBeyond(long offset) throws IOException {
        // Given
        store().put(own.child("digits"), bytes("0123456789"), TEXT);

        // When
        try (InputStream tail = store().open(own.child("digits"), offset)) {
            // Then
            assertThat(tail.readAllBytes()).isEmpty();
        }
    }

    @Test
    void refusesADownloadWhoseDigestIsAnother() throws IOException {
        // Given
        store().put(own.child("a"), bytes("damaged"), TEXT);
        Path target = folder.resolve("a");

        // When // Then
        assertThatExceptionOfType(ProductException.class)
                .isThrownBy(() -> store().download(own.child("a"), target, Optional.of(SHA256_OF_ABC)))
                .satisfies(failure -> assertThat(failure.code()).isEqualTo(ErrorCode.DIGEST_MISMATCH))
                .withMessageContaining(SHA256_OF_ABC);
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void replacesTheFileItDownloadsTo() throws IOException {
        // Given
        store().put(own.child("a"), bytes("abc"), TEXT);
        Path target = Files.write(folder.resolve("a"), bytes("an older and longer text"));

        // When
        store().download(own.child("a"), target, Optional.of(SHA256_OF_ABC));

        // Then
        assertThat(target).hasBinaryContent(bytes("abc"));
    }

    @Test
    void letsOneOfManyWritersWin() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            // Given
            ObjectKey key = own.child("claims").child("round-" + round);

            // When
            List<Boolean> won = race(key);

            // Then
            assertThat(won.stream().filter(each -> each)).hasSize(1);
            assertThat(store().read(key)).isEqualTo(bytes("owner-" + won.indexOf(true)));
        }
    }

    @Test
    void leavesATakenKeyAsItIs() {
        // Given
        store().put(own.child("taken"), bytes("first"), TEXT);

        // When
        boolean written = store().putIfAbsent(own.child("taken"), bytes("second"), TEXT);

        // Then
        assertThat(written).isFalse();
        assertThat(store().read(own.child("taken"))).isEqualTo(bytes("first"));
    }

    @Test
    void takesAKeyAgainAfterItsRemoval() {
        // Given
        store().putIfAbsent(own.child("a"), bytes("first"), TEXT);
        store().delete(own.child("a"));

        // When
        boolean written = store().putIfAbsent(own.child("a"), bytes("second"), TEXT);

        // Then
        assertThat(written).isTrue();
    }

    @Test
    void saysWhatItKnowsOfAnObject() {
        // Given
        Instant before = Instant.now().minus(Duration.ofMinutes(1));
        store().put(own.child("a"), bytes("abc"), TEXT);

        // When
        Optional<StoredObject> found = store().stat(own.child("a"));

        // Then
        assertThat(found).hasValueSatisfying(object -> {
            assertThat(object.key()).isEqualTo(own.child("a"));
            assertThat(object.size()).isEqualTo(3);
            assertThat(object.lastModified()).isBetween(before, Instant.now().plus(Duration.ofMinutes(1)));
        });
    }

    @Test
    void knowsNothingOfAnObjectThatIsNotThere() {
        // Given
        ObjectKey missing = own.child("missing");

        // When // Then
        assertThat(store().stat(missing)).isEmpty();
        assertThat(store().list(missing)).isEmpty();
        List.<Runnable>of(
                        () -> store().read(missing),
                        () -> store().open(missing),
                        () -> store().open(missing, 5),
                        () -> store().download(missing, folder.resolve("missing"), Optional.empty()))
                .forEach(reading -> assertThatExceptionOfType(ProductException.class)
                        .isThrownBy(reading::run)
                        .satisfies(failure -> assertThat(failure.code()).isEqualTo(ErrorCode.OBJECT_NOT_FOUND))
                        .withMessageContaining(missing.value()));
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void listsMoreObjectsThanOnePageHolds() throws Exception {
        // Given
        List<ObjectKey> keys = IntStream.range(0, 1100)
                .mapToObj(i -> own.child("many").child("%04d".formatted(i)))
                .toList();
        inParallel(keys.stream()
                .<Callable<StoredDigest>>map(key -> () -> store().put(key, bytes("x"), TEXT))
                .toList());

        // When
        List<StoredObject> found = store().list(own.child("many"));

        // Then
        assertThat(found).extracting(StoredObject::key).isEqualTo(keys);
    }

    @Test
    void listsWhatIsBelowAPrefixAndNotItsNeighbours() {
        // Given
        Stream.of("run/b/2", "run/a", "run/b/1", "run-2/a", "runs")
                .forEach(name -> store().put(below(name), bytes(name), TEXT));

        // When
        List<StoredObject> found = store().list(own.child("run"));

        // Then
        assertThat(found)
                .extracting(StoredObject::key)
                .containsExactly(below("run/a"), below("run/b/1"), below("run/b/2"));
        assertThat(found).extracting(StoredObject::size).containsExactly(5L, 7L, 7L);
    }

    @Test
    void listsWhatStaysWhileOthersComeAndGo() throws Exception {
        // Given
        List<ObjectKey> staying = List.of(below("busy/a"), below("busy/z"));
        staying.forEach(key -> store().put(key, bytes("stays"), TEXT));

        // When
        List<List<StoredObject>> listings = listedDuring(IntStream.range(0, PASSERS)
                .<Runnable>mapToObj(i -> () -> comeAndGo(below("busy/passing-" + i)))
                .toList());

        // Then
        assertThat(listings)
                .allSatisfy(
                        found -> assertThat(found).extracting(StoredObject::key).containsAll(staying));
        assertThat(store().list(own.child("busy")))
                .extracting(StoredObject::key)
                .isEqualTo(staying);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "with space",
                "per%20cent",
                "plus+and&",
                "ünïcødé-例",
                "..x",
                "a=b;c",
                "q?x#y",
                "quote'\"",
                "~tilde"
            })
    void takesOddKeys(String name) {
        // Given
        ObjectKey key = own.child("odd").child(name);

        // When
        store().put(key, bytes(name), TEXT);

        // Then
        assertThat(store().read(key)).isEqualTo(bytes(name));
        assertThat(store().list(own.child("odd"))).extracting(StoredObject::key).containsExactly(key);
    }

    @Test
    void removesAnObject() {
        // Given
        store().put(own.child("a"), bytes("abc"), TEXT);

        // When
        store().delete(own.child("a"));

        // Then
        assertThat(store().stat(own.child("a"))).isEmpty();
    }

    @Test
    void removesNothingTwice() {
        // When
        store().delete(own.child("never-there"));

        // Then
        assertThat(store().list(own)).isEmpty();
    }

    private ObjectKey below(String name) {
        return new ObjectKey(own + "/" + name);
    }

    private List<Boolean> race(ObjectKey key) throws Exception {
        CyclicBarrier start = new CyclicBarrier(THREADS);
        List<Callable<Boolean>> writers = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            byte[] content = bytes("owner-" + i);
            writers.add(() -> {
                start.await();
                return store().putIfAbsent(key, content, TEXT);
            });
        }
        return inParallel(writers);
    }

    private void comeAndGo(ObjectKey key) {
        for (int visit = 0; visit < VISITS; visit++) {
            store().put(key, bytes("visit"), TEXT);
            store().putIfAbsent(key, bytes("in vain"), TEXT);
            store().delete(key);
        }
    }

    private List<List<StoredObject>> listedDuring(List<Runnable> visits) throws Exception {
        try (ExecutorService executor = Executors.newFixedThreadPool(visits.size())) {
            List<Future<?>> visitors = new ArrayList<>();
            visits.forEach(visit -> visitors.add(executor.submit(visit)));
            List<List<StoredObject>> listings = new ArrayList<>();
            do {
                listings.add(store().list(own.child("busy")));
            } while (!visitors.stream().allMatch(Future::isDone));
            for (Future<?> visitor : visitors) {
                visitor.get();
            }
            return listings;
        }
    }

    private static <T> List<T> inParallel(List<Callable<T>> tasks) throws Exception {
        try (ExecutorService executor = Executors.newFixedThreadPool(THREADS)) {
            List<T> results = new ArrayList<>();
            for (Future<T> task : executor.invokeAll(tasks)) {
                results.add(task.get());
            }
            return results;
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /// Bytes that no buffer of a power of two repeats, digested as they leave.
    private static final class Pattern extends InputStream {

        private final long length;
        private final MessageDigest digest;
        private long position;

        Pattern(long length, MessageDigest digest) {
            this.length = length;
            this.digest = digest;
        }

        @Override
        public int read() {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] buffer, int offset, int count) {
            int given = (int) Math.min(count, length - position);
            if (given == 0) {
                return -1;
            }
            for (int i = 0; i < given; i++) {
                buffer[offset + i] = (byte) ((position + i) % 251);
            }
            digest.update(buffer, offset, given);
            position += given;
            return given;
        }
    }

    /// A stream that fails after its content.
    private static final class BrokenStream extends FilterInputStream {

        BrokenStream(byte[] content) {
            super(new ByteArrayInputStream(content));
        }

        @Override
        public int read(byte[] buffer, int offset, int count) throws IOException {
            int given = super.read(buffer, offset, count);
            if (given < 0) {
                throw new IOException("the line is dead");
            }
            return given;
        }
    }
}

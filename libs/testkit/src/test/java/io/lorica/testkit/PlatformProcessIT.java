package io.lorica.testkit;

import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.storage.MinioObjectStore;
import io.lorica.storage.ObjectKey;
import io.lorica.storage.StoreSettings;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/// The embedded platform as a process: what it keeps, whom it lets in, how it starts and ends.
class PlatformProcessIT {

    private static final ObjectKey KEY = ObjectKey.of("folder", "object");
    private static final TopicPartition TOPIC = new TopicPartition("kept", 0);

    @TempDir
    Path home;

    @Test
    void keepsRecordsAndObjectsBetweenStarts() throws Exception {
        // Given
        PlatformProcess first =
                PlatformProcess.start(home, ProcessHandle.current().pid());
        write(first);
        first.stop();

        // When
        PlatformProcess second =
                PlatformProcess.start(home, ProcessHandle.current().pid());

        // Then
        try {
            assertThat(values(second)).containsExactly("a record");
            assertThat(store(second, PlatformProcess.SECRET_KEY).read(KEY))
                    .asString()
                    .isEqualTo("an object");
        } finally {
            second.stop();
        }
    }

    @Test
    void endsCleanlyWithItsOwner() throws Exception {
        // Given
        Process owner = new ProcessBuilder("sleep", "300").start();
        PlatformProcess platform = PlatformProcess.start(home, owner.pid());
        ProcessHandle process = ProcessHandle.of(platform.pid()).orElseThrow();

        // When
        owner.destroy();
        process.onExit().join();

        // Then
        assertThat(Files.readString(home.resolve("platform.log"))).doesNotContain("did not stop cleanly");
        assertThat(home.resolve("kafka/.kafka_cleanshutdown")).exists();
    }

    @Test
    void refusesAWrongSecretAndAnUnsignedRequest() throws Exception {
        // Given
        PlatformProcess platform = SharedPlatform.find();
        store(platform, PlatformProcess.SECRET_KEY)
                .put(KEY, "an object".getBytes(StandardCharsets.UTF_8), "text/plain");
        HttpRequest unsigned = HttpRequest.newBuilder(URI.create(platform.store() + "/kept/" + KEY))
                .build();

        // When
        int status;
        try (HttpClient client = HttpClient.newHttpClient()) {
            status = client.send(unsigned, HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        }

        // Then
        assertThat(status).isEqualTo(403);
        assertThatExceptionOfType(ProductException.class)
                .isThrownBy(() -> store(platform, "another-secret").read(KEY))
                .satisfies(failure -> assertThat(failure.code()).isEqualTo(ErrorCode.STORE_UNAVAILABLE))
                .withMessageContaining("lorica.store.secret-key");
    }

    // All of 127.0.0.0/8 is this machine: a server on every interface would answer there, one on 127.0.0.1 does not.
    @Test
    void listensAtOneLoopbackAddressOnly() {
        // Given
        PlatformProcess platform = SharedPlatform.find();
        int kafka = Integer.parseInt(platform.kafka().substring(platform.kafka().indexOf(':') + 1));
        int store = URI.create(platform.store()).getPort();

        // When // Then
        assertThat(List.of(kafka, store))
                .allSatisfy(port -> assertThatExceptionOfType(ConnectException.class)
                        .isThrownBy(() -> new Socket("127.0.0.2", port).close()));
    }

    @ParameterizedTest
    @CsvSource({
        "0, the Kafka broker, --kafka-port",
        "1, the Kafka controller, --controller-port",
        "2, the S3 server, --store-port"
    })
    void namesAPortThatIsTaken(int which, String what, String option) throws Exception {
        // Given
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            List<Integer> ports = new ArrayList<>(PlatformProcess.freePorts(3));
            ports.set(which, other.getLocalPort());

            // When
            Process process = new ProcessBuilder(PlatformProcess.command(
                            home, ProcessHandle.current().pid(), ports))
                    .redirectErrorStream(true)
                    .start();
            String log = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

            // Then
            assertThat(process.waitFor()).isEqualTo(1);
            assertThat(log).contains("FAILED", "127.0.0.1:" + other.getLocalPort(), what, "taken", option);
        }
    }

    private static void write(PlatformProcess platform) throws Exception {
        store(platform, PlatformProcess.SECRET_KEY)
                .put(KEY, "an object".getBytes(StandardCharsets.UTF_8), "text/plain");
        Map<String, Object> address = Map.of("bootstrap.servers", platform.kafka());
        try (Admin admin = Admin.create(address)) {
            admin.createTopics(List.of(new NewTopic(TOPIC.topic(), 1, (short) 1)))
                    .all()
                    .get();
        }
        try (KafkaProducer<String, String> producer =
                new KafkaProducer<>(address, new StringSerializer(), new StringSerializer())) {
            producer.send(new ProducerRecord<>(TOPIC.topic(), "a record")).get();
        }
    }

    private static List<String> values(PlatformProcess platform) {
        Map<String, Object> settings =
                Map.of("bootstrap.servers", platform.kafka(), "auto.offset.reset", "earliest", "max.poll.records", 10);
        try (KafkaConsumer<String, String> consumer =
                new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
            consumer.assign(List.of(TOPIC));
            return StreamSupport.stream(consumer.poll(Duration.ofSeconds(30)).spliterator(), false)
                    .map(found -> found.value())
                    .toList();
        }
    }

    private static MinioObjectStore store(PlatformProcess platform, String secret) {
        return new MinioObjectStore(new StoreSettings(
                URI.create(platform.store()), PlatformProcess.ACCESS_KEY, secret, "us-east-1", "kept"));
    }
}

package io.lorica.dataset.messaging;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import io.lorica.contracts.dataset.DatasetManifest;
import io.lorica.contracts.dataset.TrainingExample;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.event.DomainEvent;
import io.lorica.contracts.event.DomainEvent.DatasetPublished;
import io.lorica.contracts.event.DomainEvent.DatasetRejected;
import io.lorica.contracts.event.DomainEvent.JobSubmitted;
import io.lorica.contracts.event.Topic;
import io.lorica.contracts.id.FileId;
import io.lorica.dataset.Jobs;
import io.lorica.dataset.Rows;
import io.lorica.kit.event.BrokerConfig;
import io.lorica.kit.event.EventCodec;
import io.lorica.kit.event.EventLog;
import io.lorica.kit.event.LogRecord;
import io.lorica.kit.event.TopicReader;
import io.lorica.kit.event.Topics;
import io.lorica.storage.ArtifactLayout;
import io.lorica.storage.ObjectKey;
import io.lorica.storage.ObjectStore;
import io.lorica.testkit.LoricaPlatform;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

@QuarkusTest
@WithTestResource(value = LoricaPlatform.class, scope = TestResourceScope.GLOBAL)
class JobSubmissionsIT {

    @Inject
    EventLog log;

    @Inject
    Topics topics;

    @Inject
    BrokerConfig broker;

    @Inject
    ObjectStore store;

    private final Map<String, DomainEvent> answers = new ConcurrentHashMap<>();
    private TopicReader reader;

    @BeforeEach
    void readAnswers() {
        reader = TopicReader.start(
                Topic.DATASETS,
                topics,
                broker,
                entry -> EventCodec.decode(entry.value()).ifPresent(event -> answers.put(entry.key(), event.data())));
    }

    @AfterEach
    void closeReader() {
        reader.close();
    }

    @Test
    void publishesBothVersionsOfAJob() throws Exception {
        // Given
        FileId training = uploaded(Rows.good(12) + "not json\n");
        FileId validation = uploaded(Rows.good(2));

        // When
        DatasetPublished answer = (DatasetPublished) answerTo(Jobs.on(training, validation));

        // Then
        assertThat(answer.manifest().accepted()).isEqualTo(12);
        assertThat(answer.manifest().rejected()).isEqualTo(1);
        assertThat(answer.manifest().file()).isEqualTo(training);
        assertThat(answer.validation()).isNotNull();
        assertThat(answer.validation().accepted()).isEqualTo(2);
        assertThat(stored(answer.manifestKey())).isEqualTo(answer.manifest());
        assertThat(stored(answer.validationKey())).isEqualTo(answer.validation());
        List<String> examples =
                lines(ArtifactLayout.datasetExamples(answer.manifest().id()));
        assertThat(examples)
                .hasSize(12)
                .allSatisfy(line -> assertThat(EventCodec.json()
                                .readValue(line, TrainingExample.class)
                                .text())
                        .endsWith(Jobs.TERMINATOR));
        assertThat(lines(ArtifactLayout.datasetRejects(answer.manifest().id())))
                .singleElement()
                .asString()
                .contains("\"line\":13");
    }

    @Test
    void answersTwoJobsOnOneFileWithOneVersion() {
        // Given
        FileId file = uploaded(Rows.good(11));

        // When
        DatasetPublished first = (DatasetPublished) answerTo(Jobs.on(file));
        DatasetPublished second = (DatasetPublished) answerTo(Jobs.on(file));

        // Then
        assertThat(second.manifest()).isEqualTo(first.manifest());
        assertThat(second.requestedBy()).isNotEqualTo(first.requestedBy());
    }

    @Test
    void countsTheExamplesThatAreMissing() {
        // Given
        FileId file = uploaded(Rows.good(3));

        // When
        DatasetRejected answer = (DatasetRejected) answerTo(Jobs.on(file));

        // Then
        assertThat(answer.code()).isEqualTo(ErrorCode.INVALID_N_EXAMPLES);
        assertThat(answer.parameter()).isEqualTo("training_file");
        assertThat(answer.message()).isEqualTo("Training file has 3 example(s), but must have at least 10 examples");
    }

    @Test
    void saysThatAFileIsNotThere() {
        // When
        DatasetRejected answer = (DatasetRejected) answerTo(Jobs.on(FileId.random()));

        // Then
        assertThat(answer.code()).isEqualTo(ErrorCode.FILE_NOT_FOUND);
    }

    @Test
    void goesOnBehindARecordThatIsNoEvent() {
        // Given
        JobSubmitted job = Jobs.on(uploaded(Rows.good(10)));
        byte[] poison = "no event".getBytes(StandardCharsets.UTF_8);
        log.append(List.of(LogRecord.of(Topic.JOB_EVENTS, job.subject(), poison)));

        // When
        DomainEvent answer = answerTo(job);

        // Then
        assertThat(answer).isInstanceOf(DatasetPublished.class);
    }

    private DomainEvent answerTo(JobSubmitted job) {
        log.publish(job);
        return await().atMost(Duration.ofMinutes(5)).until(() -> answers.get(job.subject()), answer -> answer != null);
    }

    private FileId uploaded(String rows) {
        String id = given().multiPart("file", "rows.jsonl", rows.getBytes(StandardCharsets.UTF_8))
                .multiPart("purpose", "fine-tune")
                .post("/v1/files")
                .then()
                .statusCode(200)
                .extract()
                .path("id");
        return new FileId(id);
    }

    private DatasetManifest stored(String key) throws Exception {
        return EventCodec.json().readValue(store.read(new ObjectKey(key)), DatasetManifest.class);
    }

    private List<String> lines(ObjectKey key) {
        return new String(store.read(key), StandardCharsets.UTF_8).lines().toList();
    }
}

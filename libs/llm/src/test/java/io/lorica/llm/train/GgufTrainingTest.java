package io.lorica.llm.train;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import io.lorica.contracts.chat.Message;
import io.lorica.contracts.chat.Role;
import io.lorica.contracts.dataset.TrainingExample;
import io.lorica.contracts.id.BaseModelId;
import io.lorica.contracts.id.FileId;
import io.lorica.contracts.job.JobSpec;
import io.lorica.contracts.job.LoraSpec;
import io.lorica.contracts.template.PromptTemplate;
import io.lorica.contracts.template.RenderedExample;
import io.lorica.llm.generate.GeneratedToken;
import io.lorica.llm.generate.Generation;
import io.lorica.llm.generate.LoadedAdapter;
import io.lorica.llm.generate.LoadedLanguageModel;
import io.lorica.llm.generate.LogProbability;
import io.lorica.llm.generate.Sampling;
import io.lorica.llm.testing.Golden;
import io.lorica.llm.testing.Rows;
import io.lorica.llm.tokenizer.ChatInput;
import io.lorica.llm.tokenizer.Tokenizer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

/// A GGUF file is a base model like any other: trained on, asked, merged.
class GgufTrainingTest {

    private static final String END = "<|end|>";
    private static final Path BASE = Golden.gguf("llama");

    @TempDir
    private Path directory;

    @Test
    void anAdapterHasATokenizerBesideIt() {
        // Given
        try (TrainingRun run = open()) {
            run.step();

            // When
            run.saveAdapter(directory.resolve("adapter"));
        }

        // Then
        try (Tokenizer saved = Tokenizer.open(directory.resolve("adapter"));
                Tokenizer original = Tokenizer.open(BASE)) {
            String text = "Grüße, 世界 <think>\n1 + 2</think>" + END;
            assertThat(saved.encodeSequence(text)).isEqualTo(original.encodeSequence(text));
            assertThat(saved.eosText()).isEqualTo(END);
        }
    }

    @Test
    void theLossFalls() {
        // Given
        try (TrainingRun run = open()) {
            double before = run.step().trainLoss();

            // When: the first step of the warm-up has a rate of 0
            run.step();
            double after = run.step().trainLoss();

            // Then
            assertThat(after).isLessThan(before);
        }
    }

    @Test
    void mergedItAnswersAsWithTheAdapter() {
        // Given
        try (TrainingRun run = open()) {
            run.step();
            run.step();
            run.saveAdapter(directory.resolve("adapter"));

            // When
            run.saveMerged(directory.resolve("merged"));
        }

        // Then
        try (LoadedLanguageModel base = LoadedLanguageModel.load(BASE);
                LoadedAdapter adapter = base.loadAdapter(directory.resolve("adapter"));
                LoadedLanguageModel merged = LoadedLanguageModel.load(directory.resolve("merged"))) {
            String prompt = base.renderPrompt(ChatInput.of(List.of(Message.of(Role.USER, "Hello"))), false);
            assertThat(prompt).isEqualTo("<|user|>Hello" + END);
            First expected = first(base, prompt, Optional.of(adapter));
            First token = first(merged, prompt, Optional.empty());
            assertThat(token.id()).isEqualTo(expected.id());
            // merged weights are rounded to bfloat16, 8 bits
            assertThat(token.logProbability()).isCloseTo(expected.logProbability(), within(0.05));
        }
    }

    private record First(int id, double logProbability) {}

    private static First first(LoadedLanguageModel model, String prompt, Optional<LoadedAdapter> adapter) {
        Sampling greedy = Sampling.greedy(1);
        try (Generation generation = model.generate(model.tokenize(prompt), greedy, adapter)) {
            GeneratedToken token = generation.next();
            return new First(token.id(), LogProbability.of(generation, token));
        }
    }

    private static TrainingRun open() {
        LoraSpec lora = new LoraSpec(4, 8, 0, LoraSpec.ALL_PROJECTIONS, false);
        JobSpec spec = JobSpec.of(
                new BaseModelId("tiny"),
                FileId.random(),
                PromptTemplate.REFERENCE_EN,
                END,
                lora,
                Rows.plan(1, 1, 3),
                3407);
        RenderedExample row = new RenderedExample("What is 2?\n<think>", "\ntwo\n</think>\n", "It is 2", END);
        List<TrainingExample> rows = List.of(TrainingExample.of(1, Map.of(), row));
        return new LoraTrainingEngine().open(BASE, spec, rows, List.of(), Optional.empty());
    }
}

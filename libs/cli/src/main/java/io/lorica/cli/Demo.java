package io.lorica.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

import com.fasterxml.jackson.databind.JsonNode;

/// The main job end to end through the gateway: rows in, adapter trained, checkpoints stored, answers streamed.
final class Demo {

    private static final String SAMPLE = "sample/medical-reasoning-sample.jsonl";
    private static final String VALIDATION = "sample/medical-reasoning-validation.jsonl";
    private static final List<String> QUESTIONS =
            List.of("What is the first-line treatment for anaphylaxis?", "高钾血症的心电图表现是什么？");
    private static final Set<String> ENDED = Set.of("succeeded", "failed", "cancelled");
    private static final int BAR = 30;

    /// A model that knows language needs few steps at the usual rate.
    private static final Map<String, Object> FOR_A_REAL_MODEL =
            Map.of("max_steps", 60, "log_every", 5, "checkpoint_every", 20);

    /// The demo model knows nothing: it learns everything from the rows, at a high rate.
    private static final Map<String, Object> FOR_THE_DEMO_MODEL = Map.ofEntries(
            Map.entry("n_epochs", 40),
            Map.entry("batch_size", 8),
            Map.entry("gradient_accumulation_steps", 1),
            Map.entry("learning_rate", 3e-3),
            Map.entry("lr_scheduler", "cosine"),
            Map.entry("warmup_steps", 10),
            Map.entry("weight_decay", 0),
            Map.entry("lora_alpha", 32),
            Map.entry("max_seq_length", 512),
            Map.entry("checkpoint_every", 50),
            Map.entry("log_every", 10));

    private final SuiteSettings settings;
    private final PrintStream out;
    private final LoricaClient client;
    private double firstLoss;

    Demo(SuiteSettings settings, PrintStream out) {
        this.settings = settings;
        this.out = out;
        this.client = new LoricaClient(settings.address(Member.GATEWAY), settings.apiKey());
    }

    void run() throws IOException, InterruptedException {
        Instant began = Instant.now();
        String model = baseModel();
        out.println();
        out.println("base model   " + model);
        String training = client.upload("medical-reasoning-sample.jsonl", resource(SAMPLE));
        String validation = client.upload("medical-reasoning-validation.jsonl", resource(VALIDATION));
        out.println("rows         " + training + ", validation " + validation);
        String job = client.post("/v1/fine_tuning/jobs", job(model, training, validation))
                .path("id")
                .asText();
        out.println("job          " + job);
        out.println();
        JsonNode ended = follow(job);
        if (!"succeeded".equals(ended.path("status").asText())) {
            throw new CliException("The job " + job + " " + ended.path("status").asText() + ": "
                    + ended.path("error").path("message").asText("see ./lorica logs trainer"));
        }
        String tuned = ended.path("fine_tuned_model").asText();
        out.println();
        for (String question : QUESTIONS) {
            out.println("question     " + question);
            answer("base", model, question);
            answer("fine-tuned", tuned, question);
            out.println();
        }
        out.printf(
                Locale.ROOT,
                "All of it took %.0f s. Ask it yourself:%n%n  curl %s/v1/chat/completions \\%n    -H 'Authorization: Bearer %s'"
                        + " -H 'Content-Type: application/json' \\%n    -d '{\"model\": \"%s\", \"temperature\": 0, \"messages\":"
                        + " [{\"role\": \"user\", \"content\": \"%s\"}]}'%n",
                Duration.between(began, Instant.now()).toMillis() / 1000.0,
                settings.address(Member.GATEWAY),
                settings.apiKey(),
                tuned,
                QUESTIONS.getFirst());
    }

    private Map<String, Object> job(String model, String training, String validation) {
        Map<String, Object> hyperparameters = settings.baseModel().isPresent() ? FOR_A_REAL_MODEL : FOR_THE_DEMO_MODEL;
        return Map.of(
                "model",
                model,
                "training_file",
                training,
                "validation_file",
                validation,
                "suffix",
                "demo",
                "seed",
                3407,
                "method",
                Map.of("type", "supervised", "supervised", Map.of("hyperparameters", hyperparameters)));
    }

    private JsonNode follow(String job) throws IOException, InterruptedException {
        String path = "/v1/fine_tuning/jobs/" + job;
        int shown = 0;
        while (true) {
            JsonNode state = client.get(path);
            JsonNode events = client.get(path + "/events?limit=1000").path("data");
            for (int i = events.size() - 1 - shown; i >= 0; i--) {
                show(events.get(i));
            }
            shown = events.size();
            if (ENDED.contains(state.path("status").asText())) {
                return state;
            }
            TimeUnit.MILLISECONDS.sleep(500);
        }
    }

    private void show(JsonNode event) {
        if (!"metrics".equals(event.path("type").asText())) {
            out.println("  " + event.path("message").asText());
            return;
        }
        JsonNode data = event.path("data");
        double loss = data.path("train_loss").asDouble();
        firstLoss = firstLoss == 0 ? loss : firstLoss;
        int bar = (int) Math.round(BAR * Math.min(1, loss / firstLoss));
        out.printf(
                Locale.ROOT,
                "  step %4d/%d  loss %7.4f %-" + BAR + "s %6.0f tokens/s%s%n",
                data.path("step").asInt(),
                data.path("total_steps").asInt(),
                loss,
                "█".repeat(bar),
                data.path("tokens_per_second").asDouble(),
                data.has("valid_loss")
                        ? String.format(
                                Locale.ROOT,
                                "  validation loss %.4f",
                                data.path("valid_loss").asDouble())
                        : "");
    }

    private void answer(String label, String model, String question) throws IOException, InterruptedException {
        out.printf("%-12s ", label);
        boolean[] content = {false};
        client.stream(
                Map.of(
                        "model",
                        model,
                        "temperature",
                        0,
                        "max_tokens",
                        "base".equals(label) ? 40 : 200,
                        "stream",
                        true,
                        "messages",
                        List.of(Map.of("role", "user", "content", question))),
                delta -> {
                    if (delta.path("content").asText("").isEmpty()) {
                        out.print(oneLine(delta.path("reasoning_content").asText("")));
                    } else {
                        out.print((content[0] ? "" : "\n             => ")
                                + oneLine(delta.path("content").asText()));
                        content[0] = true;
                    }
                    out.flush();
                });
        out.println();
    }

    private static String oneLine(String text) {
        return text.replaceAll("\\R", " ");
    }

    private String baseModel() throws IOException, InterruptedException {
        if (settings.baseModel().isPresent()) {
            return settings.baseModel().get();
        }
        Path directory = settings.demoModel();
        if (!Files.isDirectory(directory)) {
            makeDemoModel(directory);
        }
        return SuiteSettings.DEMO_MODEL;
    }

    private void makeDemoModel(Path directory) throws IOException, InterruptedException {
        Files.createDirectories(directory.getParent());
        Path text = directory.resolveSibling("demo-qwen2.txt");
        Files.write(text, resource(SAMPLE));
        Path libraries = settings.root().resolve("trainer-service/target/quarkus-app/lib");
        String separator = System.getProperty("path.separator");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-Dai.djl.offline=true",
                        "-cp",
                        libraries.resolve("main") + "/*" + separator + libraries.resolve("boot") + "/*",
                        "io.lorica.llm.demo.DemoModel",
                        directory.toString(),
                        text.toString())
                .redirectErrorStream(true)
                .redirectOutput(settings.home().resolve("logs/demo-model.log").toFile())
                .start();
        if (process.waitFor() != 0) {
            throw new CliException(
                    "The demo model could not be made; see " + settings.home().resolve("logs/demo-model.log") + ".");
        }
    }

    private static byte[] resource(String name) throws IOException {
        try (InputStream content = Demo.class.getClassLoader().getResourceAsStream(name)) {
            if (content == null) {
                throw new IOException("the resource " + name + " is missing");
            }
            return content.readAllBytes();
        }
    }
}

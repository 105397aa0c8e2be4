package io.lorica.e2e;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/// Requests near to what the API takes: good ones in which a value, a field, the text of the body, the path or a header
/// was changed. The same seed gives the same requests.
final class RequestGenerator {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final List<String> PATHS = List.of(
            "/v1/files",
            "/v1/files/file-0123456789abcdefghijkl",
            "/v1/files/file-0123456789abcdefghijkl/content",
            "/v1/files/file-0123456789abcdefghijkl/rows",
            "/v1/fine_tuning/jobs",
            "/v1/fine_tuning/jobs/ftjob-0123456789abcdefghijklmn",
            "/v1/fine_tuning/jobs/ftjob-0123456789abcdefghijklmn/cancel",
            "/v1/fine_tuning/jobs/ftjob-0123456789abcdefghijklmn/resume",
            "/v1/fine_tuning/jobs/ftjob-0123456789abcdefghijklmn/events",
            "/v1/fine_tuning/jobs/ftjob-0123456789abcdefghijklmn/checkpoints",
            "/v1/models",
            "/v1/models/ft:x:lorica::abcdefgh",
            "/v1/chat/completions",
            "/v1/embeddings",
            "/",
            "/v1");
    private static final List<String> QUERIES = List.of(
            "",
            "?limit=0",
            "?limit=-1",
            "?limit=1e9",
            "?limit=x",
            "?after=nothing",
            "?order=up",
            "?purpose=x",
            "?metadata[k]=v",
            "?metadata=null",
            "?limit=2&limit=3",
            "?%20=%00",
            "?a=%F0%9F%98%80",
            "?limit=");
    private static final List<String> TEXTS = List.of(
            "",
            " ",
            "\u0000",
            "null",
            "true",
            "0",
            "-1",
            "1e400",
            "NaN",
            "😀",
            "\ud800",
            "../../etc/passwd",
            "/etc",
            "s3://lorica/x",
            "org/name/x.gguf",
            "ft:::",
            "ft:a:b:c:abcdefgh:ckpt-step-99999999999",
            "{{7*7}}",
            "((((.*)*)*)*)*x",
            "(?=x)",
            "file-",
            "x".repeat(5000),
            "<|im_end|>",
            "%zz",
            "'; drop table jobs; --");

    private final Random random;
    private final String model;
    private final String file;

    RequestGenerator(long seed, String model, String file) {
        this.random = new Random(seed);
        this.model = model;
        this.file = file;
    }

    /// One request.
    ///
    /// @param target path and query as they stand in the request line
    /// @param headers name and value in turn
    record Request(String method, String target, List<String> headers, byte[] body) {}

    Request next() {
        return switch (random.nextInt(10)) {
            case 0, 1, 2 -> json("/v1/fine_tuning/jobs", mutated(job()));
            case 3, 4, 5 -> json("/v1/chat/completions", mutated(chat()));
            case 6 -> upload();
            case 7, 8 -> anywhere();
            default -> broken();
        };
    }

    private ObjectNode job() {
        ObjectNode job = NODES.objectNode();
        job.put("model", model).put("training_file", file).put("suffix", "fuzz").put("seed", 1);
        ObjectNode values = NODES.objectNode();
        values.put("n_epochs", 1)
                .put("batch_size", 2)
                .put("learning_rate", 1e-3)
                .put("lora_rank", 4);
        values.put("max_seq_length", 64)
                .put("warmup_steps", 1)
                .put("target_modules", "all-linear")
                .put("max_steps", 1);
        values.putObject("rank_pattern").put("q_proj", 2);
        job.putObject("method")
                .put("type", "supervised")
                .putObject("supervised")
                .set("hyperparameters", values);
        job.putObject("metadata").put("k", "v");
        return job;
    }

    private ObjectNode chat() {
        ObjectNode chat = NODES.objectNode();
        chat.put("model", model)
                .put("max_tokens", 1)
                .put("temperature", 0.5)
                .put("top_p", 0.9)
                .put("seed", 3);
        chat.put("stream", random.nextInt(4) == 0);
        ArrayNode messages = chat.putArray("messages");
        messages.addObject().put("role", "system").put("content", "Be brief.");
        messages.addObject().put("role", "user").put("content", "Why?");
        chat.putArray("stop").add("x");
        chat.putObject("stream_options").put("include_usage", true);
        return chat;
    }

    // One to three changes anywhere in the tree.
    private ObjectNode mutated(ObjectNode good) {
        for (int change = random.nextInt(3); change >= 0; change--) {
            change(good);
        }
        return good;
    }

    private void change(ObjectNode root) {
        List<ObjectNode> objects = new ArrayList<>();
        objects(root, objects);
        ObjectNode chosen = objects.get(random.nextInt(objects.size()));
        List<String> names = new ArrayList<>();
        chosen.fieldNames().forEachRemaining(names::add);
        if (names.isEmpty() || random.nextInt(5) == 0) {
            chosen.set("unknown_" + random.nextInt(9), value());
            return;
        }
        String name = names.get(random.nextInt(names.size()));
        if (random.nextInt(6) == 0) {
            chosen.remove(name);
        } else {
            chosen.set(name, value());
        }
    }

    private static void objects(JsonNode node, List<ObjectNode> found) {
        if (node instanceof ObjectNode object) {
            found.add(object);
        }
        node.forEach(child -> objects(child, found));
    }

    private JsonNode value() {
        return switch (random.nextInt(9)) {
            case 0 -> NODES.nullNode();
            case 1 -> NODES.booleanNode(random.nextBoolean());
            case 2 -> NODES.numberNode(random.nextInt());
            case 3 -> NODES.numberNode(random.nextGaussian() * Math.pow(10, random.nextInt(20)));
            case 4 -> NODES.arrayNode().add(1).add("x").addNull();
            case 5 -> NODES.objectNode().put("a", 1);
            case 6 -> deep(random.nextInt(60));
            default -> NODES.textNode(any(TEXTS));
        };
    }

    private static JsonNode deep(int levels) {
        JsonNode node = NODES.numberNode(1);
        for (int level = 0; level < levels; level++) {
            node = NODES.arrayNode().add(node);
        }
        return node;
    }

    private Request json(String path, ObjectNode body) {
        byte[] bytes = body.toString().getBytes(StandardCharsets.UTF_8);
        return new Request("POST", path, List.of("Content-Type", "application/json"), bytes);
    }

    private Request upload() {
        String purpose = random.nextInt(3) == 0 ? any(TEXTS) : "fine-tune";
        String name = random.nextInt(3) == 0 ? any(TEXTS).replace("\"", "") : "rows.jsonl";
        String content = random.nextBoolean() ? any(TEXTS) : "{\"prompt\":\"a\",\"completion\":\"b\"}\n";
        String boundary = random.nextInt(5) == 0 ? "other" : "edge";
        String form = "--edge\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\n" + purpose
                + "\r\n--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + name
                + "\"\r\n\r\n" + content + (random.nextInt(4) == 0 ? "" : "\r\n--edge--\r\n");
        return new Request(
                "POST",
                "/v1/files",
                List.of("Content-Type", "multipart/form-data; boundary=" + boundary),
                form.getBytes(StandardCharsets.UTF_8));
    }

    private Request anywhere() {
        String method = any(List.of("GET", "GET", "GET", "HEAD", "POST", "DELETE", "PUT", "PATCH", "OPTIONS"));
        boolean body = method.equals("POST") || method.startsWith("P");
        return new Request(
                method,
                any(PATHS) + any(QUERIES),
                List.of("Content-Type", any(List.of("application/json", "text/plain", "multipart/form-data", "x"))),
                body ? any(TEXTS).getBytes(StandardCharsets.UTF_8) : new byte[0]);
    }

    // Bodies that are no JSON, or JSON with something behind it; paths that are none.
    private Request broken() {
        String good = chat().toString();
        String text = switch (random.nextInt(6)) {
            case 0 -> good + " x";
            case 1 -> good.substring(0, random.nextInt(good.length()));
            case 2 -> "[" + good + "]";
            case 3 -> good.replaceFirst(":", "=");
            case 4 -> "{\"model\":\"" + model + "\",\"model\":\"other\"}";
            default -> "[".repeat(3000);
        };
        String path = random.nextInt(3) == 0
                ? "/v1/models/" + any(List.of("%zz", "%", "%00", "a%2Fb", "..%2f..", "%C3"))
                : any(List.of("/v1/chat/completions", "/v1/fine_tuning/jobs"));
        return new Request(
                path.startsWith("/v1/models") ? "GET" : "POST",
                path,
                List.of("Content-Type", "application/json"),
                path.startsWith("/v1/models") ? new byte[0] : text.getBytes(StandardCharsets.UTF_8));
    }

    private String any(List<String> choices) {
        return choices.get(random.nextInt(choices.size()));
    }
}

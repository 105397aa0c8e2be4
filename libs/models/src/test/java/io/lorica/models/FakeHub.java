package io.lorica.models;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.lorica.storage.Digests;

/// A Hugging Face hub with one repository, `org/model`, and its CDN under another port. As at the real one, small files
/// come from the hub and are known by their git object id, large ones come by a redirect and are known by SHA-256.
final class FakeHub implements AutoCloseable {

    static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";

    private static final ObjectMapper JSON = new ObjectMapper();

    private volatile String commit = COMMIT;
    private final HttpServer hub = server();
    private final HttpServer cdn = server();
    private final Map<String, byte[]> files = new ConcurrentHashMap<>();
    private final Map<String, byte[]> damaged = new ConcurrentHashMap<>();
    private final Map<String, Queue<Trouble>> troubles = new ConcurrentHashMap<>();
    private final Queue<Seen> seen = new ConcurrentLinkedQueue<>();

    /// What goes wrong with one request.
    sealed interface Trouble {}

    /// The hub answers with a status.
    record Refused(int status, Map<String, String> headers) implements Trouble {}

    /// The connection ends after some bytes.
    record Cut(int bytes) implements Trouble {}

    /// The whole file comes although a part was asked for.
    record Whole() implements Trouble {}

    /// Nothing more comes, and the connection stays.
    record Silent(int bytes) implements Trouble {}

    /// No answer comes, and the connection stays.
    record Hanging() implements Trouble {}

    /// A request that came.
    ///
    /// @param place `hub` or `cdn`
    record Seen(String place, String path, String authorization, String range) {}

    FakeHub() {
        hub.createContext("/", this::hub);
        cdn.createContext("/", exchange -> {
            note("cdn", exchange);
            send(exchange, exchange.getRequestURI().getPath().substring(1));
        });
        hub.start();
        cdn.start();
    }

    private static HttpServer server() {
        try {
            HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
            return server;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /// Puts a small model into the repository.
    FakeHub withModel() {
        return with("config.json", "{\"architectures\":[\"Qwen2ForCausalLM\"],\"max_position_embeddings\":4096}")
                .with("tokenizer_config.json", "{\"eos_token\":{\"content\":\"<|im_end|>\"}}")
                .with("tokenizer.json", "{}")
                .with("README.md", "not needed")
                .with("model-00001-of-00002.safetensors", "a".repeat(300_000))
                .with("model-00002-of-00002.safetensors", "b".repeat(200_000));
    }

    FakeHub with(String name, String content) {
        return with(name, content.getBytes(StandardCharsets.UTF_8));
    }

    FakeHub with(String name, byte[] content) {
        files.put(name, content);
        return this;
    }

    /// The branches are at another commit, whose files are those of now.
    void moveTo(String other) {
        commit = other;
    }

    void remove(String name) {
        files.remove(name);
    }

    /// Sends other bytes than it lists, until they are mended.
    void damage(String name) {
        byte[] other = files.get(name).clone();
        other[other.length / 2] ^= 1;
        damaged.put(name, other);
    }

    void mend(String name) {
        damaged.remove(name);
    }

    /// Lets the next requests for a file, or for the listing (`api`), fail in this order.
    void next(String name, Trouble... what) {
        troubles.put(name, new ArrayDeque<>(List.of(what)));
    }

    byte[] content(String name) {
        return files.get(name);
    }

    List<Seen> seen() {
        return List.copyOf(seen);
    }

    List<Seen> seen(String name) {
        return seen.stream().filter(request -> request.path().endsWith(name)).toList();
    }

    URI address() {
        return address(hub);
    }

    String authority() {
        return address().getAuthority();
    }

    private static URI address(HttpServer server) {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    private void hub(HttpExchange exchange) throws IOException {
        note("hub", exchange);
        String path = exchange.getRequestURI().getPath();
        String resolve = "/org/model/resolve/" + commit + "/";
        if (path.startsWith("/api/models/org/model/revision/")) {
            if (!refused(exchange, "api")) {
                answer(exchange, 200, listing());
            }
        } else if (path.startsWith(resolve) && files.containsKey(path.substring(resolve.length()))) {
            String name = path.substring(resolve.length());
            if (large(name)) {
                exchange.getResponseHeaders().add("Location", address(cdn) + "/" + name + "?signature=x%2Fy");
                answer(exchange, 302, new byte[0]);
            } else {
                send(exchange, name);
            }
        } else {
            exchange.getResponseHeaders().add("X-Error-Code", "RepoNotFound");
            answer(exchange, 404, new byte[0]);
        }
    }

    private void note(String place, HttpExchange exchange) {
        seen.add(new Seen(
                place,
                exchange.getRequestURI().getPath(),
                String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")),
                String.valueOf(exchange.getRequestHeaders().getFirst("Range"))));
    }

    private static boolean large(String name) {
        return name.endsWith(".safetensors") || name.endsWith(".gguf");
    }

    private boolean refused(HttpExchange exchange, String name) throws IOException {
        if (peek(name) instanceof Hanging) {
            troubles.get(name).remove();
            return true;
        }
        if (!(peek(name) instanceof Refused refusal)) {
            return false;
        }
        troubles.get(name).remove();
        refusal.headers().forEach(exchange.getResponseHeaders()::add);
        answer(exchange, refusal.status(), new byte[0]);
        return true;
    }

    private Trouble peek(String name) {
        Queue<Trouble> queue = troubles.get(name);
        return queue == null ? null : queue.peek();
    }

    private void send(HttpExchange exchange, String name) throws IOException {
        if (refused(exchange, name)) {
            return;
        }
        Trouble trouble = peek(name);
        if (trouble != null) {
            troubles.get(name).remove();
        }
        byte[] whole = damaged.getOrDefault(name, files.get(name));
        String range = exchange.getRequestHeaders().getFirst("Range");
        boolean part = range != null && !(trouble instanceof Whole);
        String[] ends = part ? range.substring("bytes=".length()).split("-") : new String[] {"0"};
        int from = Integer.parseInt(ends[0]);
        int to = ends.length == 2 ? Integer.parseInt(ends[1]) + 1 : whole.length;
        if (part) {
            exchange.getResponseHeaders().add("Content-Range", "bytes " + from + "-" + (to - 1) + "/" + whole.length);
        }
        byte[] bytes = Arrays.copyOfRange(whole, from, to);
        exchange.sendResponseHeaders(part ? 206 : 200, bytes.length);
        switch (trouble) {
            case Cut cut -> cut(exchange, bytes, cut.bytes());
            case Silent silent -> {
                exchange.getResponseBody().write(bytes, 0, silent.bytes());
                exchange.getResponseBody().flush();
            }
            case null, default -> {
                try (OutputStream body = exchange.getResponseBody()) {
                    body.write(bytes);
                }
            }
        }
    }

    // Closing before the promised length makes the server drop the connection.
    private static void cut(HttpExchange exchange, byte[] bytes, int count) throws IOException {
        exchange.getResponseBody().write(bytes, 0, count);
        exchange.getResponseBody().flush();
        exchange.close();
    }

    private static void answer(HttpExchange exchange, int status, byte[] body) throws IOException {
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        try (exchange) {
            if (body.length > 0) {
                exchange.getResponseBody().write(body);
            }
        }
    }

    private byte[] listing() throws IOException {
        ObjectNode tree = JSON.createObjectNode().put("id", "org/model").put("sha", commit);
        ArrayNode siblings = tree.putArray("siblings");
        files.forEach((name, content) -> {
            ObjectNode file = siblings.addObject().put("rfilename", name).put("size", content.length);
            if (large(name)) {
                file.put("blobId", "the id of the pointer, not of the file");
                file.putObject("lfs")
                        .put("sha256", Digests.sha256(content))
                        .put("size", content.length)
                        .put("pointerSize", 135);
            } else {
                file.put("blobId", gitBlob(content));
            }
        });
        return JSON.writeValueAsBytes(tree);
    }

    private static String gitBlob(byte[] content) {
        try {
            MessageDigest sha1 = MessageDigest.getInstance("SHA-1");
            sha1.update(("blob " + content.length + "\0").getBytes(StandardCharsets.US_ASCII));
            return HexFormat.of().formatHex(sha1.digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        hub.stop(0);
        cdn.stop(0);
    }
}

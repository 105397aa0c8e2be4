package io.lorica.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

import com.sun.net.httpserver.HttpServer;

/// A process in place of a service, for tests of those who start and watch services: it answers at its port that it is
/// ready, and that it is alive until a file `stuck` lies in its working directory.
final class StubService {

    private StubService() {}

    /// Serves until it is ended.
    public static void main(String[] arguments) throws IOException {
        serve(Integer.parseInt(System.getenv("LORICA_HTTP_PORT")));
        String management = System.getenv("LORICA_MANAGEMENT_PORT");
        if (management != null) {
            serve(Integer.parseInt(management));
        }
    }

    private static void serve(int port) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        server.createContext("/q/health", exchange -> {
            boolean live = exchange.getRequestURI().getPath().endsWith("live");
            boolean up = !live || !Files.exists(Path.of("stuck-" + port));
            byte[] body = "{\"checks\":[]}".getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(up ? 200 : 503, body.length);
            try (OutputStream out = exchange.getResponseBody()) {
                out.write(body);
            }
        });
        server.start();
    }

    /// Writes this program where the services of a source tree are.
    static void write(Path root) throws IOException {
        for (Member member : Member.services()) {
            Path jar = root.resolve(member.folder()).resolve("target/quarkus-app/quarkus-run.jar");
            Files.createDirectories(jar.getParent());
            Manifest manifest = new Manifest();
            manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
            manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, StubService.class.getName());
            try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar), manifest)) {
                String name = StubService.class.getName().replace('.', '/') + ".class";
                out.putNextEntry(new JarEntry(name));
                out.write(StubService.class
                        .getClassLoader()
                        .getResourceAsStream(name)
                        .readAllBytes());
                out.closeEntry();
            }
        }
    }
}

package io.lorica.platform;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;

import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.nio2blob.FilesystemNio2BlobStore;

/// An S3 server over a directory, on loopback, that takes signed requests only.
final class EmbeddedStore implements AutoCloseable {

    private final S3Proxy server;
    private final URI endpoint;

    private EmbeddedStore(S3Proxy server, URI endpoint) {
        this.server = server;
        this.endpoint = endpoint;
    }

    /// Starts the server; buckets are folders of the directory.
    static EmbeddedStore start(Path directory, int port, String accessKey, String secretKey) throws Exception {
        Files.createDirectories(directory);
        URI endpoint = URI.create("http://127.0.0.1:" + port);
        S3Proxy server = S3Proxy.builder()
                .blobStore(new FilesystemNio2BlobStore(directory.toString()))
                .endpoint(endpoint)
                .awsAuthentication(AuthenticationType.AWS_V2_OR_V4, accessKey, secretKey)
                .ignoreUnknownHeaders(true)
                .build();
        server.start();
        return new EmbeddedStore(server, endpoint);
    }

    /// The address that clients use.
    URI endpoint() {
        return endpoint;
    }

    @Override
    public void close() throws Exception {
        server.stop();
    }
}

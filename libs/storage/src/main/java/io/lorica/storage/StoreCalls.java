package io.lorica.storage;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.FailureWords;
import io.lorica.contracts.error.ProductException;
import io.minio.errors.ErrorResponseException;
import io.minio.errors.MinioException;
import io.minio.errors.ServerException;
import org.jspecify.annotations.Nullable;

/// Sends requests to one S3 server: repeats those that may be repeated, and says in words what went wrong.
final class StoreCalls {

    private static final List<Duration> PAUSES = List.of(Duration.ofMillis(200), Duration.ofMillis(600));
    // A try that took this long is not repeated: whoever waits is better told.
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final Set<String> TRANSIENT =
            Set.of("SlowDown", "InternalError", "ServiceUnavailable", "RequestTimeout", "OperationAborted");

    private final StoreSettings settings;

    StoreCalls(StoreSettings settings) {
        this.settings = settings;
    }

    /// One request.
    interface Request<T> {
        T send() throws MinioException, IOException;
    }

    /// Sends a request that must not be sent twice.
    <T> T once(ObjectKey key, Request<T> request) {
        try {
            return send(request);
        } catch (MinioException | IOException e) {
            throw failure(key, e);
        }
    }

    /// Sends a request whose effect is the same however often it is sent, and repeats it when it fails by chance.
    <T> T repeated(ObjectKey key, Request<T> request) {
        long start = System.nanoTime();
        for (Duration pause : PAUSES) {
            try {
                return send(request);
            } catch (MinioException | IOException e) {
                if (!isTransient(e) || System.nanoTime() - start > PATIENCE.toNanos()) {
                    throw failure(key, e);
                }
                sleep(key, pause, e);
            }
        }
        return once(key, request);
    }

    // The client wraps what happened on the wire into an unchecked exception.
    private static <T> T send(Request<T> request) throws MinioException, IOException {
        try {
            return request.send();
        } catch (IllegalStateException e) {
            switch (root(e)) {
                case IOException wire -> throw new IOException(wire);
                case InterruptedException interrupt -> {
                    Thread.currentThread().interrupt();
                    throw new InterruptedIOException(interrupt.getMessage());
                }
                default -> throw e;
            }
        }
    }

    /// The HTTP status behind a failure, 0 where there was no answer.
    static int status(@Nullable Throwable cause) {
        return switch (cause) {
            case ErrorResponseException e -> e.response().code();
            case ServerException e -> e.statusCode();
            case null, default -> 0;
        };
    }

    private static boolean isTransient(Exception failure) {
        if (failure instanceof InterruptedIOException && Thread.currentThread().isInterrupted()) {
            return false;
        }
        if (failure instanceof ErrorResponseException refusal
                && TRANSIENT.contains(refusal.errorResponse().code())) {
            return true;
        }
        int status = status(failure);
        return status == 0 ? root(failure) instanceof IOException : status == 429 || status >= 500;
    }

    private void sleep(ObjectKey key, Duration pause, Exception failure) {
        try {
            Thread.sleep(pause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failure(key, failure);
        }
    }

    private ProductException failure(ObjectKey key, Exception failure) {
        if (!(failure instanceof ErrorResponseException refusal)) {
            return unavailable(key, failure);
        }
        return switch (refusal.errorResponse().code()) {
            case "NoSuchKey", "NoSuchObject", "NotFound", "NoSuchBucket" ->
                ProductException.of(
                        ErrorCode.OBJECT_NOT_FOUND,
                        "There is no object " + key + " in the bucket " + settings.bucket() + ".",
                        failure);
            case "AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch" ->
                ProductException.of(
                        ErrorCode.STORE_UNAVAILABLE,
                        "The store at " + settings.endpoint() + " refuses the access key '" + settings.accessKey()
                                + "' for the bucket " + settings.bucket()
                                + ". Check lorica.store.access-key, lorica.store.secret-key and the rights of the key.",
                        failure);
            case "AuthorizationHeaderMalformed", "InvalidRegion", "PermanentRedirect" ->
                ProductException.of(
                        ErrorCode.STORE_UNAVAILABLE,
                        "The store at " + settings.endpoint() + " does not hold the bucket " + settings.bucket()
                                + " in the region '" + settings.region() + "': " + reason(failure)
                                + ". Set lorica.store.region to the bucket's region.",
                        failure);
            default -> unavailable(key, failure);
        };
    }

    private ProductException unavailable(ObjectKey key, Exception cause) {
        return ProductException.of(
                ErrorCode.STORE_UNAVAILABLE,
                "The store at " + settings.endpoint() + " did not serve " + key + ": " + reason(cause)
                        + ". Check that it runs and that lorica.store.endpoint is right.",
                cause);
    }

    private static String reason(Throwable cause) {
        return FailureWords.of(root(cause));
    }

    private static Throwable root(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root;
    }
}

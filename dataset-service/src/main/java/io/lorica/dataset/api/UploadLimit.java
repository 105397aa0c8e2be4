package io.lorica.dataset.api;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ErrorEnvelope;
import io.lorica.dataset.config.DatasetConfig;
import io.quarkus.runtime.configuration.MemorySize;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;
import org.jspecify.annotations.Nullable;

/// Turns uploads away that are too long, before their bytes are read where the caller announces the length.
///
/// Filters are made while the service is built, before it can read its configuration; the proxy of a scope
/// puts that off.
@ApplicationScoped
class UploadLimit {

    private static final int TOO_LARGE = 413;

    // What multipart/form-data adds to the file itself: part headers, boundaries and the other parts.
    private static final long ENVELOPE_BYTES = 1 << 20;

    private final MemorySize longest;

    UploadLimit(DatasetConfig config) {
        this.longest = config.maxFileSize();
    }

    @ServerRequestFilter(preMatching = true)
    @Nullable
    Response refuseAnnounced(ContainerRequestContext request) {
        String announced = request.getHeaderString(HttpHeaders.CONTENT_LENGTH);
        return announced == null || length(announced) <= longest.asLongValue() + ENVELOPE_BYTES ? null : refusal();
    }

    // The HTTP server has already refused lengths that are no numbers.
    private static long length(String announced) {
        return Long.parseLong(announced);
    }

    /// Whether a file of this length may be stored.
    boolean allows(long bytes) {
        return bytes <= longest.asLongValue();
    }

    /// The answer to a file that is too long.
    Response refusal() {
        String message = "The file is longer than " + longest.asLongValue()
                + " bytes; split it into several files. The limit is lorica.dataset.max-file-size.";
        return Response.status(TOO_LARGE)
                .type(MediaType.APPLICATION_JSON_TYPE)
                .entity(ErrorEnvelope.of(ErrorCode.INVALID_REQUEST, message, "file"))
                .build();
    }
}

package io.lorica.kit.http;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ErrorEnvelope;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;
import org.jspecify.annotations.Nullable;

/// Refuses bodies that are compressed in a way that is not read. Those in `gzip` and `deflate` arrive here inflated and
/// without the header.
public final class BodyEncodings {

    private static final int UNSUPPORTED = 415;

    @ServerRequestFilter(preMatching = true)
    public @Nullable Response refuse(ContainerRequestContext request) {
        String encoding = request.getHeaderString(HttpHeaders.CONTENT_ENCODING);
        if (encoding == null || encoding.isBlank() || encoding.strip().equalsIgnoreCase("identity")) {
            return null;
        }
        String message = "A body in that Content-Encoding is not read; send it plain, or in gzip or deflate.";
        return Response.status(UNSUPPORTED)
                .type(MediaType.APPLICATION_JSON_TYPE)
                .entity(ErrorEnvelope.of(ErrorCode.INVALID_REQUEST, message, null))
                .build();
    }
}

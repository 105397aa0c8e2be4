package io.lorica.kit.http;

import java.util.UUID;
import java.util.regex.Pattern;

import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerResponseContext;
import org.jboss.logging.MDC;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;
import org.jboss.resteasy.reactive.server.ServerResponseFilter;

/// Gives every request an id, takes the caller's where there is one, and returns it.
public final class RequestIdFilter {

    /// The header that carries the id.
    public static final String HEADER = "x-request-id";

    private static final Pattern ACCEPTED = Pattern.compile("[A-Za-z0-9._-]{1,128}");

    /// Notes the id of a request.
    @ServerRequestFilter(preMatching = true)
    public void note(ContainerRequestContext request) {
        String given = request.getHeaderString(HEADER);
        String id = given != null && ACCEPTED.matcher(given).matches()
                ? given
                : "req_" + UUID.randomUUID().toString().replace("-", "");
        request.setProperty(HEADER, id);
        MDC.put("requestId", id);
    }

    /// Returns the id with the answer.
    @ServerResponseFilter
    public void give(ContainerRequestContext request, ContainerResponseContext response) {
        Object id = request.getProperty(HEADER);
        if (id != null) {
            response.getHeaders().putSingle(HEADER, id);
        }
        MDC.remove("requestId");
    }
}

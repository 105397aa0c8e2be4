package io.lorica.gateway.upstream;

import java.util.Locale;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;

/// What crosses the door in the head of a message.
public final class HeaderRules {

    /// Carries the id of a request, inwards and outwards.
    public static final String REQUEST_ID = "x-request-id";

    /// Tells a service who calls; only the gateway may set it.
    public static final String CALLER = "x-lorica-caller";

    /// Tells OpenAI's clients whether to repeat a call, whatever its status.
    public static final String SHOULD_RETRY = "x-should-retry";

    /// Tells a service whether the installation has several callers; only the gateway may set it.
    public static final String SHARED = "x-lorica-shared";

    private static final String OURS = "x-lorica-";

    private HeaderRules() {}

    /// Makes a request's headers those for a service: the key stays here, the caller's name goes with it.
    ///
    /// @param shared whether there are keys of other callers, too
    public static void toService(MultiMap headers, String caller, boolean shared, String requestId) {
        headers.remove(HttpHeaders.AUTHORIZATION);
        headers.names().stream()
                .filter(name -> name.toLowerCase(Locale.ROOT).startsWith(OURS))
                .forEach(headers::remove);
        // Answered here, before the service is asked.
        headers.remove(HttpHeaders.EXPECT);
        headers.set(CALLER, caller);
        headers.set(SHARED, Boolean.toString(shared));
        headers.set(REQUEST_ID, requestId);
    }

    /// Takes from an answer what the gateway sets itself.
    static void toClient(MultiMap headers) {
        headers.remove(REQUEST_ID);
    }
}

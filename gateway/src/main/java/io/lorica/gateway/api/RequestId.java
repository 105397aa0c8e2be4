package io.lorica.gateway.api;

import java.util.UUID;
import java.util.regex.Pattern;

import io.lorica.gateway.upstream.HeaderRules;
import io.vertx.ext.web.RoutingContext;
import org.jspecify.annotations.Nullable;

/// The id of a request: the caller's where it is a plain word, else a new one.
///
/// @param value the id
record RequestId(String value) {

    private static final Pattern ACCEPTED = Pattern.compile("[A-Za-z0-9._-]{1,128}");

    static RequestId of(@Nullable String given) {
        return given != null && ACCEPTED.matcher(given).matches()
                ? new RequestId(given)
                : new RequestId("req_" + UUID.randomUUID().toString().replace("-", ""));
    }

    static RequestId of(RoutingContext call) {
        RequestId noted = call.get(HeaderRules.REQUEST_ID);
        return noted == null ? of(call.request().getHeader(HeaderRules.REQUEST_ID)) : noted;
    }
}

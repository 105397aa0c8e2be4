package io.lorica.gateway.observe;

import java.util.Locale;

/// The reasons for which the gateway itself turns calls away.
public enum RefusalReason {
    KEY,
    RATE,
    CALLS_PER_KEY,
    BODY,
    ENCODING,
    MALFORMED,
    ORIGIN,
    ROUTE,
    METHOD,
    STOPPING;

    /// The value of the tag.
    String tag() {
        return name().toLowerCase(Locale.ROOT);
    }
}

package io.lorica.storage;

import java.net.URI;
import java.util.Set;

/// Protection of the bytes of an upload. A signed payload is named by its SHA-256 in the signature; an unsigned one
/// travels with a CRC-32C that the store checks and that the signature covers, which costs a tenth of the time.
public enum PayloadSigning {
    /// Unsigned where nobody between us and the store can change the bytes: over https and within this machine.
    AUTO,
    /// Signed on every link.
    ALWAYS,
    /// Unsigned on every link, for networks that are trusted as a whole.
    NEVER;

    private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]", "::1");

    /// Tells whether payloads to the endpoint are signed.
    boolean signs(URI endpoint) {
        return switch (this) {
            case AUTO -> !("https".equals(endpoint.getScheme()) || withinThisMachine(endpoint));
            case ALWAYS -> true;
            case NEVER -> false;
        };
    }

    /// Tells whether the endpoint is on this machine.
    static boolean withinThisMachine(URI endpoint) {
        return LOOPBACK.contains(String.valueOf(endpoint.getHost()));
    }
}

package io.lorica.kit.http;

import java.util.Optional;

import io.lorica.contracts.id.Owner;
import jakarta.enterprise.context.RequestScoped;
import jakarta.ws.rs.core.HttpHeaders;

/// The caller of a request, as the gateway names it. Services do no authentication of their own: only the gateway may
/// reach them.
@RequestScoped
public class Caller {

    /// The header that carries the name of the caller's key.
    public static final String NAME = "x-lorica-caller";

    /// The header that tells, as `true`, that the installation has more keys than one.
    public static final String SHARED = "x-lorica-shared";

    private final HttpHeaders headers;

    Caller(HttpHeaders headers) {
        this.headers = headers;
    }

    /// To whom belongs what this call makes, and what it can see. Without a gateway in between it is the one user.
    public Owner owner() {
        return Optional.ofNullable(headers.getHeaderString(NAME))
                .filter(Owner::matches)
                .map(Owner::new)
                .orElse(Owner.DEFAULT);
    }

    /// Tells whether others use this installation, too.
    public boolean shared() {
        return Boolean.parseBoolean(headers.getHeaderString(SHARED));
    }
}

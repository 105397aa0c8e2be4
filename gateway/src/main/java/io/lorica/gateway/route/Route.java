package io.lorica.gateway.route;

/// A part of the address space and the service that owns it.
///
/// @param path the path, without a slash at its end
/// @param upstream who answers this path and all paths below it
public record Route(String path, Upstream upstream) {

    /// Checks the path.
    public Route {
        if (!path.startsWith("/") || path.endsWith("/")) {
            throw new IllegalArgumentException("A route's path starts with a slash and has none at its end: " + path);
        }
    }

    /// Whether a path is this one or lies below it.
    boolean covers(String candidate) {
        return candidate.startsWith(path)
                && (candidate.length() == path.length() || candidate.charAt(path.length()) == '/');
    }
}

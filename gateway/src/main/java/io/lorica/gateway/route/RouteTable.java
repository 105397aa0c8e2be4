package io.lorica.gateway.route;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/// The public address space. A path that is not in it does not leave the gateway.
///
/// @param routes the routes, no two of which cover the same path
public record RouteTable(List<Route> routes) {

    private static final RouteTable PUBLIC = new RouteTable(List.of(
            new Route("/v1/files", Upstream.DATASET),
            new Route("/v1/fine_tuning", Upstream.TRAINER),
            new Route("/v1/models", Upstream.INFERENCE),
            new Route("/v1/chat/completions", Upstream.INFERENCE)));

    // A service may resolve these, encoded or not, and so leave the route that admitted the call.
    private static final Pattern DOT_SEGMENT = Pattern.compile("(^|/|\\\\|%2f|%5c)(\\.|%2e){1,2}(/|\\\\|%2f|%5c|;|$)");

    /// Keeps an own copy of the routes.
    public RouteTable {
        routes = List.copyOf(routes);
    }

    /// What Lorica serves.
    public static RouteTable published() {
        return PUBLIC;
    }

    /// Who answers a path, given as it stands in the request line, without the query.
    public Optional<Upstream> upstreamOf(String path) {
        if (DOT_SEGMENT.matcher(path.toLowerCase(Locale.ROOT)).find()) {
            return Optional.empty();
        }
        return routes.stream()
                .filter(route -> route.covers(path))
                .map(Route::upstream)
                .findFirst();
    }
}

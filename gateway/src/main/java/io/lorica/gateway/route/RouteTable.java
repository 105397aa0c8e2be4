package io.lorica.gateway.route;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

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

    // What the services serve; other paths below a route are one in metrics, so that nobody can make up more.
    private static final List<Template> TEMPLATES = Stream.of(
                    "/v1/files",
                    "/v1/files/{id}",
                    "/v1/files/{id}/content",
                    "/v1/files/{id}/rows",
                    "/v1/fine_tuning/jobs",
                    "/v1/fine_tuning/jobs/{id}",
                    "/v1/fine_tuning/jobs/{id}/cancel",
                    "/v1/fine_tuning/jobs/{id}/resume",
                    "/v1/fine_tuning/jobs/{id}/events",
                    "/v1/fine_tuning/jobs/{id}/checkpoints",
                    "/v1/models",
                    "/v1/models/{model…}",
                    "/v1/chat/completions")
            .map(Template::of)
            .toList();

    /// The template of a path that is none of those served.
    public static final String UNKNOWN = "unknown";

    /// Keeps an own copy of the routes.
    public RouteTable {
        routes = List.copyOf(routes);
    }

    /// What Lorica serves.
    public static RouteTable published() {
        return PUBLIC;
    }

    /// The place that a path leads to, given as it stands in the request line, without the query.
    public Optional<Destination> find(String path) {
        return upstreamOf(path).map(upstream -> new Destination(upstream, template(path)));
    }

    private static String template(String path) {
        String[] segments = path.split("/", -1);
        return TEMPLATES.stream()
                .filter(template -> template.matches(segments))
                .map(Template::name)
                .findFirst()
                .orElse(UNKNOWN);
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

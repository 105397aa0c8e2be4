package io.lorica.gateway.route;

/// The place that a call goes to.
///
/// @param upstream the service that answers
/// @param template the path with names in braces for what varies, for metrics
public record Destination(Upstream upstream, String template) {

    private static final String FILES = "/v1/files";
    private static final String CONTENT = "/v1/files/{id}/content";

    /// The sort of traffic that a call with this method is.
    public Traffic traffic(String method) {
        boolean upload = template.equals(FILES) && method.equals("POST");
        return upload || template.equals(CONTENT) ? Traffic.TRANSFERS : Traffic.ANSWERS;
    }
}

package io.lorica.gateway.route;

/// Two sorts of calls with connections of their own, so that neither waits for the other.
public enum Traffic {
    /// Calls with a small body: chat completions, jobs, lists.
    ANSWERS("answers"),
    /// Uploads and downloads of files.
    TRANSFERS("transfers");

    private final String tag;

    Traffic(String tag) {
        this.tag = tag;
    }

    /// The name in metrics.
    public String tag() {
        return tag;
    }
}

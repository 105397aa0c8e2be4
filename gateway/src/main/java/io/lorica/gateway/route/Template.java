package io.lorica.gateway.route;

import java.util.List;

/// A path with names in braces for what varies. A last name that ends in `…` stands for one segment or more.
record Template(String text, List<String> segments) {

    private static final String REST = "…}";

    static Template of(String text) {
        return new Template(text, List.of(text.split("/", -1)));
    }

    boolean matches(String[] path) {
        boolean open = segments.getLast().endsWith(REST);
        if (path.length < segments.size() || (!open && path.length > segments.size())) {
            return false;
        }
        for (int i = 0; i < segments.size(); i++) {
            String wanted = segments.get(i);
            if (wanted.startsWith("{") ? path[i].isEmpty() : !wanted.equals(path[i])) {
                return false;
            }
        }
        return true;
    }

    /// The name in metrics.
    String name() {
        return text.replace(REST, "}");
    }
}

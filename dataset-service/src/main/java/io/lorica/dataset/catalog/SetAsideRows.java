package io.lorica.dataset.catalog;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import io.lorica.contracts.dataset.RejectedRow;
import io.lorica.contracts.dataset.SetAside;

/// Counts the rows that are set aside by the kind of their reason. Keeps the same whether there are five of them or a
/// million. For one thread.
final class SetAsideRows {

    private static final int MOST_KINDS = 40;
    private static final int MOST_LINES = 10;
    private static final String OTHER = "Other reasons; rejected.jsonl of the dataset version has all of them.";

    private final Map<String, Kind> kinds = new LinkedHashMap<>();
    private int rows;

    /// The rows of one kind so far.
    private static final class Kind {
        private final String reason;
        private final List<Integer> lines = new ArrayList<>();
        private int rows;

        private Kind(String reason) {
            this.reason = reason;
        }
    }

    void add(RejectedRow row) {
        boolean known = kinds.containsKey(row.kind()) || kinds.size() < MOST_KINDS;
        Kind kind = known
                ? kinds.computeIfAbsent(row.kind(), _ -> new Kind(row.reason()))
                : kinds.computeIfAbsent(OTHER, _ -> new Kind(OTHER));
        rows++;
        kind.rows++;
        if (kind.lines.size() < MOST_LINES) {
            kind.lines.add(row.line());
        }
    }

    int rows() {
        return rows;
    }

    /// All kinds, the most frequent first; a kind of one row with that row's own reason.
    List<SetAside> reasons() {
        return kinds.entrySet().stream()
                .map(entry -> reason(entry.getKey(), entry.getValue()))
                .sorted(Comparator.comparingInt(SetAside::rows).reversed())
                .toList();
    }

    private static SetAside reason(String kind, Kind found) {
        return new SetAside(found.rows == 1 ? found.reason : kind, found.rows, found.lines);
    }
}

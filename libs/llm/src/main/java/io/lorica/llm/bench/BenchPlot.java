package io.lorica.llm.bench;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/// The table as bars in an SVG that needs nothing else: seconds of a step, ours above the peer's.
final class BenchPlot {

    private static final int LABELS = 360;
    private static final int BARS = 480;
    private static final int ROW = 52;
    private static final int BAR = 18;
    private static final String OURS = "#2b6cb0";
    private static final String PEER = "#a0aec0";

    private final StringBuilder svg = new StringBuilder();
    private final double longest;

    private BenchPlot(double longest) {
        this.longest = longest;
    }

    static String of(List<BenchRow> rows) {
        double longest = rows.stream()
                .flatMap(row -> Stream.concat(Stream.of(row.ours()), row.peer().stream()))
                .mapToDouble(outcome -> outcome instanceof Outcome.Measured result ? result.seconds() : 0)
                .max()
                .orElse(0);
        return new BenchPlot(Math.max(longest, 1e-9)).draw(rows);
    }

    private String draw(List<BenchRow> rows) {
        svg.append(String.format(
                Locale.ROOT,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" font-family=\"sans-serif\""
                        + " font-size=\"12\">%n<title>Seconds of a training step, ours above the peer's</title>%n"
                        + "<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>%n",
                LABELS + BARS + 240,
                rows.size() * ROW + 20));
        for (int i = 0; i < rows.size(); i++) {
            BenchRow row = rows.get(i);
            int top = 10 + i * ROW;
            text(10, top + BAR + 4, row.measured().label());
            bar(top, OURS, row.ours(), row.ratio().isPresent() ? ratio(row) : "");
            Optional<Outcome> peer = row.peer();
            peer.ifPresent(outcome -> bar(top + BAR + 2, PEER, outcome, ""));
        }
        return svg.append("</svg>\n").toString();
    }

    private static String ratio(BenchRow row) {
        return String.format(Locale.ROOT, ", peer / ours %.2f", row.ratio().orElseThrow());
    }

    private void bar(int top, String colour, Outcome outcome, String behind) {
        switch (outcome) {
            case Outcome.Measured result -> {
                double width = BARS * result.seconds() / longest;
                svg.append(String.format(
                        Locale.ROOT,
                        "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>%n",
                        LABELS,
                        top,
                        width,
                        BAR,
                        colour));
                text(
                        LABELS + (int) width + 6,
                        top + 13,
                        String.format(Locale.ROOT, "%.3f s", result.seconds()) + behind);
            }
            case Outcome.Failed _ -> text(LABELS, top + 13, "failed");
        }
    }

    private void text(int x, int y, String words) {
        String safe = words.replace("&", "&amp;").replace("<", "&lt;");
        svg.append(String.format(Locale.ROOT, "<text x=\"%d\" y=\"%d\">%s</text>%n", x, y, safe));
    }
}

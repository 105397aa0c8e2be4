package io.lorica.llm.bench;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/// The table as bars in an SVG that needs nothing else: seconds of a step, ours above the peer's, on a
/// logarithmic axis, so that short steps are seen beside long ones and the same ratio is the same distance
/// everywhere.
final class BenchPlot {

    private static final int LABELS = 390;
    private static final int AXIS = 520;
    private static final int VALUES = 190;
    private static final int HEAD = 64;
    private static final int BAR = 18;
    private static final int BETWEEN_BARS = 2;
    private static final int BETWEEN_ROWS = 14;
    /// From the top of a bar to the foot of its words.
    private static final int FOOT = 13;

    private final StringBuilder svg = new StringBuilder();
    private final LogarithmicAxis axis;
    private int top = HEAD;

    /// Whose step it is.
    private enum Side {
        OURS("ours", "#2b6cb0"),
        PEER("peer", "#a0aec0");

        private final String word;
        private final String colour;

        Side(String word, String colour) {
            this.word = word;
            this.colour = colour;
        }
    }

    private BenchPlot(LogarithmicAxis axis) {
        this.axis = axis;
    }

    static String of(List<BenchRow> rows) {
        LogarithmicAxis axis = LogarithmicAxis.of(
                rows.stream()
                        .flatMap(row -> Stream.concat(Stream.of(row.ours()), row.peer().stream()))
                        .mapToDouble(outcome -> outcome instanceof Outcome.Measured result ? result.seconds() : 0),
                AXIS);
        return new BenchPlot(axis).draw(rows);
    }

    private String draw(List<BenchRow> rows) {
        int height = HEAD + rows.stream().mapToInt(BenchPlot::heightOf).sum();
        add("""
                <svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" font-family="sans-serif" font-size="12">
                <title>Seconds of a training step, ours above the peer's, on a logarithmic axis</title>
                <rect width="100%%" height="100%%" fill="#fff"/>
                """, LABELS + AXIS + VALUES, height);
        head(rows.stream().anyMatch(row -> row.peer().isPresent()));
        axis.ticks().forEach(tick -> tick(tick, height));
        rows.forEach(this::row);
        return svg.append("</svg>\n").toString();
    }

    private static int heightOf(BenchRow row) {
        return (row.peer().isPresent() ? 2 : 1) * (BAR + BETWEEN_BARS) + BETWEEN_ROWS;
    }

    private void head(boolean withPeer) {
        text("title", LABELS, 24, "seconds of a training step, logarithmic:");
        legend(Side.OURS, LABELS + 260);
        if (withPeer) {
            legend(Side.PEER, LABELS + 320);
        }
    }

    private void legend(Side side, int x) {
        add("""
                <rect class="legend" x="%d" y="14" width="12" height="12" fill="%s"/>
                """, x, side.colour);
        text("legend", x + 16, 24, side.word);
    }

    private void tick(double seconds, int height) {
        double x = LABELS + axis.at(seconds);
        add("""
                <line x1="%1$.1f" y1="%2$d" x2="%1$.1f" y2="%3$d" stroke="#e2e8f0"/>
                <text class="tick" x="%1$.1f" y="%4$d" text-anchor="middle" fill="#4a5568">%5$s</text>
                """, x, HEAD - 12, height, HEAD - 18, words(seconds));
    }

    /// 0.05, 2, 10: no digits that say nothing.
    private static String words(double tick) {
        return new BigDecimal(tick)
                .round(new MathContext(1))
                .stripTrailingZeros()
                .toPlainString();
    }

    private void row(BenchRow row) {
        text("case", 10, top + FOOT, row.measured().label());
        bar(Side.OURS, row.ours(), row.ratio().isPresent() ? ratio(row) : "");
        row.peer().ifPresent(outcome -> bar(Side.PEER, outcome, ""));
        top += BETWEEN_ROWS;
    }

    private static String ratio(BenchRow row) {
        return String.format(Locale.ROOT, ", peer / ours %.2f", row.ratio().orElseThrow());
    }

    private void bar(Side side, Outcome outcome, String behind) {
        switch (outcome) {
            case Outcome.Measured result -> {
                double length = axis.at(result.seconds());
                add("""
                        <rect class="%s" x="%d" y="%d" width="%.1f" height="%d" fill="%s"/>
                        """, side.word, LABELS, top, length, BAR, side.colour);
                String words = String.format(Locale.ROOT, "%.3f s", result.seconds()) + behind;
                text("value", LABELS + length + 6, top + FOOT, words);
            }
            case Outcome.Failed _ -> text("value", LABELS + 6, top + FOOT, "failed");
        }
        top += BAR + BETWEEN_BARS;
    }

    private void text(String kind, double x, int y, String words) {
        String safe = words.replace("&", "&amp;").replace("<", "&lt;");
        add("""
                <text class="%s" x="%.1f" y="%d">%s</text>
                """, kind, x, y, safe);
    }

    private void add(String template, Object... values) {
        svg.append(String.format(Locale.ROOT, template, values));
    }
}

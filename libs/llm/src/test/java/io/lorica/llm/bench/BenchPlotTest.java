package io.lorica.llm.bench;

import java.io.ByteArrayInputStream;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;

import com.fasterxml.jackson.databind.ObjectMapper;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

/// What a reader sees of the plot: where bars end between which ticks, and what is written beside them.
class BenchPlotTest {

    // Positions are written with one digit behind the point, bars and ticks alike.
    private static final Offset<Double> ROUNDED = within(0.11);

    @Test
    void everyBarEndsWhereTheTicksBesideItPutItsSeconds() throws Exception {
        // When
        Picture picture = Picture.of(List.of(row(0.0774, 0.139), row(1.576, 2.221), row(12.209)));

        // Then
        assertThat(picture.ends("ours"))
                .zipSatisfy(
                        List.of(0.0774, 1.576, 12.209),
                        (end, seconds) -> assertThat(end).isCloseTo(picture.read(seconds), ROUNDED));
        assertThat(picture.ends("peer"))
                .zipSatisfy(
                        List.of(0.139, 2.221),
                        (end, seconds) -> assertThat(end).isCloseTo(picture.read(seconds), ROUNDED));
    }

    @Test
    void theSameRatioIsTheSameDistanceEverywhere() throws Exception {
        // When
        Picture picture = Picture.of(List.of(row(0.1, 0.2), row(6, 12)));

        // Then
        List<Double> ours = picture.ends("ours");
        List<Double> peer = picture.ends("peer");
        assertThat(peer.getLast() - ours.getLast()).isCloseTo(peer.getFirst() - ours.getFirst(), ROUNDED);
    }

    @Test
    void aShortStepIsSeenBesideOneThatTakesAThousandTimesAsLong() throws Exception {
        // When
        Picture picture = Picture.of(List.of(row(0.012), row(12.2)));

        // Then: some pixels, and inside the picture with its words
        assertThat(picture.lengths("ours"))
                .allSatisfy(length -> assertThat(length).isGreaterThan(8));
        assertThat(picture.ends("ours").getLast()).isLessThan(picture.width() - 150);
    }

    @Test
    void writesTheSecondsBehindEachBarAndHowManyTimesThePeerTakes() throws Exception {
        // When
        Picture picture = Picture.of(List.of(row(0.25, 0.5), row(1)));

        // Then
        assertThat(picture.words("value")).containsExactly("0.250 s, peer / ours 2.00", "0.500 s", "1.000 s");
        List<Double> ends = List.of(
                picture.ends("ours").getFirst(),
                picture.ends("peer").getFirst(),
                picture.ends("ours").getLast());
        assertThat(picture.places("value"))
                .zipSatisfy(ends, (words, end) -> assertThat(words).isBetween(end + 2, end + 10));
        assertThat(picture.words("legend")).containsExactly("ours", "peer");
        assertThat(picture.words("case")).containsExactly("2 4", "2 4");
    }

    @Test
    void ticksHaveRoundNumbersAndRoomForThem() throws Exception {
        assertThat(Picture.of(List.of(row(0.234, 0.348))).words("tick")).containsExactly("0.1", "0.2", "0.5");
        assertThat(Picture.of(List.of(row(0.0774), row(12.2))).words("tick"))
                .containsExactly("0.05", "0.1", "0.2", "0.5", "1", "2", "5", "10", "20");
        // Only powers of ten where all would not fit.
        assertThat(Picture.of(List.of(row(0.0003), row(800))).words("tick"))
                .containsExactly("0.001", "0.01", "0.1", "1", "10", "100", "1000");
    }

    @Test
    void whatFailedOrTookNoTimeHasNoBarAndSpoilsNoOther() throws Exception {
        // Given
        BenchRow failed = new BenchRow(BenchCase.parse("a=<1&2>"), new Outcome.Failed("no"), Optional.empty());

        // When
        Picture picture = Picture.of(List.of(failed, row(0), row(2)));

        // Then
        assertThat(picture.words("value")).containsExactly("failed", "0.000 s", "2.000 s");
        assertThat(picture.words("case")).startsWith("<1&2>");
        assertThat(picture.lengths("ours").getFirst()).isZero();
        assertThat(picture.ends("ours").getLast()).isCloseTo(picture.read(2), ROUNDED);
        assertThat(Picture.of(List.of(failed)).words("value")).containsExactly("failed");
    }

    private static BenchRow row(double ours) throws Exception {
        return new BenchRow(BenchCase.parse("batch=2 length=4"), measured(ours), Optional.empty());
    }

    private static BenchRow row(double ours, double peer) throws Exception {
        return new BenchRow(BenchCase.parse("batch=2 length=4"), measured(ours), Optional.of(measured(peer)));
    }

    private static Outcome measured(double seconds) throws Exception {
        return new Outcome.Measured(new ObjectMapper().readTree("{\"step_s\":" + seconds + "}"));
    }

    /// An SVG as a viewer has it.
    private record Picture(Element svg) {

        static Picture of(List<BenchRow> rows) throws Exception {
            byte[] bytes = BenchPlot.of(rows).getBytes(UTF_8);
            return new Picture(DocumentBuilderFactory.newInstance()
                    .newDocumentBuilder()
                    .parse(new ByteArrayInputStream(bytes))
                    .getDocumentElement());
        }

        double width() {
            return number(svg, "width");
        }

        List<Double> lengths(String side) {
            return all("rect", side).stream().map(bar -> number(bar, "width")).toList();
        }

        List<Double> ends(String side) {
            return all("rect", side).stream()
                    .map(bar -> number(bar, "x") + number(bar, "width"))
                    .toList();
        }

        List<String> words(String kind) {
            return all("text", kind).stream().map(Element::getTextContent).toList();
        }

        List<Double> places(String kind) {
            return all("text", kind).stream().map(text -> number(text, "x")).toList();
        }

        /// Where one looks for a value: between the tick before it and the one behind it, by its logarithm.
        double read(double seconds) {
            NavigableMap<Double, Double> ticks = new TreeMap<>();
            all("text", "tick")
                    .forEach(tick -> ticks.put(Double.parseDouble(tick.getTextContent()), number(tick, "x")));
            Map.Entry<Double, Double> before = ticks.floorEntry(seconds);
            Map.Entry<Double, Double> behind = ticks.higherEntry(seconds);
            if (behind == null) {
                return before.getValue();
            }
            double share = Math.log(seconds / before.getKey()) / Math.log(behind.getKey() / before.getKey());
            return before.getValue() + share * (behind.getValue() - before.getValue());
        }

        private List<Element> all(String tag, String kind) {
            NodeList found = svg.getElementsByTagName(tag);
            return IntStream.range(0, found.getLength())
                    .mapToObj(i -> (Element) found.item(i))
                    .filter(element -> element.getAttribute("class").equals(kind))
                    .toList();
        }

        private static double number(Element element, String attribute) {
            return Double.parseDouble(element.getAttribute(attribute));
        }
    }
}

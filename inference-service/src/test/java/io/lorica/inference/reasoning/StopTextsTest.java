package io.lorica.inference.reasoning;

import java.util.List;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class StopTextsTest {

    @Test
    void holdsBackWhatMayBeginAStopText() {
        // Given
        StopTexts stops = new StopTexts(List.of("\n###"));

        // When // Then
        assertThat(stops.add("answer\n")).isEqualTo("answer");
        assertThat(stops.add("##")).isEmpty();
        assertThat(stops.add("# more")).isEmpty();
        assertThat(stops.reached()).isTrue();
    }

    @Test
    void givesBackWhatTurnedOutToBeNone() {
        // Given
        StopTexts stops = new StopTexts(List.of("END", "ENOUGH"));

        // When // Then
        assertThat(stops.add("the EN")).isEqualTo("the ");
        assertThat(stops.add("TRY E")).isEqualTo("ENTRY ");
        assertThat(stops.reached()).isFalse();
        assertThat(stops.rest()).isEqualTo("E");
    }

    @Test
    void cutsAtTheFirstOfSeveral() {
        // Given
        StopTexts stops = new StopTexts(List.of("two", "one"));

        // When
        String safe = stops.add("zero one two");

        // Then
        assertThat(safe).isEqualTo("zero ");
    }
}

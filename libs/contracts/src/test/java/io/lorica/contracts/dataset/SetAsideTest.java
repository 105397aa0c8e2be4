package io.lorica.contracts.dataset;

import java.util.List;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class SetAsideTest {

    @Test
    void namesTheLineOfOneRow() {
        assertThat(new SetAside("It is empty.", 1, List.of(7)).sentence(3)).isEqualTo("Line 7: It is empty.");
    }

    @Test
    void countsTheRowsAndNamesTheFirstOfThem() {
        // Given
        SetAside many = new SetAside("They are empty.", 412, List.of(3, 7, 9, 12));

        // When // Then
        assertThat(many.sentence(3)).isEqualTo("412 rows (lines 3, 7, 9 and 409 more): They are empty.");
        assertThat(many.sentence(0)).isEqualTo("412 rows (line 3 and 411 more): They are empty.");
        assertThat(new SetAside("They are empty.", 2, List.of(3, 7)).sentence(3))
                .isEqualTo("2 rows (lines 3, 7): They are empty.");
    }

    @Test
    void namesNoLineWhereTheWholeFileIsMeant() {
        assertThat(new SetAside("The file is an array.", 1, List.of(0)).sentence(3))
                .isEqualTo("The file is an array.");
    }
}

package io.lorica.trainer.api;

import java.util.List;
import java.util.function.Function;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class PageTest {

    private static final List<String> ALL = List.of("a", "b", "c", "d", "e");

    @Test
    void turnsOverUntilAnEmptyPage() {
        assertThat(page(null, 2).data()).containsExactly("a", "b");
        assertThat(page("b", 2).data()).containsExactly("c", "d");
        assertThat(page("d", 2).data()).containsExactly("e");
        assertThat(page("e", 2).data()).isEmpty();
        assertThat(page("unknown", 2).data()).isEmpty();
    }

    @Test
    void saysWhetherMoreIsBehindIt() {
        assertThat(page(null, 5).hasMore()).isFalse();
        assertThat(page(null, 4).hasMore()).isTrue();
        assertThat(page("c", 2).hasMore()).isFalse();
    }

    @Test
    void namesItsEnds() {
        // When
        Page<String> page = page("a", 3).withEnds(Function.identity());

        // Then
        assertThat(page.firstId()).isEqualTo("b");
        assertThat(page.lastId()).isEqualTo("d");
        assertThat(page("e", 3).withEnds(Function.identity()).firstId()).isNull();
    }

    private static Page<String> page(String after, int limit) {
        return Page.of(ALL, Function.identity(), after, limit);
    }
}

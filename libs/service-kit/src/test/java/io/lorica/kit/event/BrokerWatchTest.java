package io.lorica.kit.event;

import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class BrokerWatchTest {

    private static final Logger LOG = Logger.getLogger(BrokerWatch.class.getName());

    private final List<String> lines = new ArrayList<>();
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord line) {
            lines.add(line.getLevel() + " " + line.getMessage());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };
    private boolean reachable;

    @BeforeEach
    void listen() {
        LOG.addHandler(handler);
    }

    @AfterEach
    void leave() {
        LOG.removeHandler(handler);
    }

    @Test
    void saysOnceThatTheBrokerIsAwayAndOnceThatItIsBack() {
        // Given
        BrokerWatch watch = new BrokerWatch(() -> "broker:9092", () -> reachable);

        // When
        for (boolean here : new boolean[] {true, true, false, false, false, true, true, false}) {
            reachable = here;
            watch.look();
        }

        // Then
        assertThat(lines).hasSize(3);
        assertThat(lines.get(0)).startsWith("WARN").contains("the Kafka broker is away", "broker=broker:9092");
        assertThat(lines.get(1)).startsWith("INFO").contains("the Kafka broker is back", "broker=broker:9092");
        assertThat(lines.get(2)).startsWith("WARN").contains("the Kafka broker is away");
    }
}

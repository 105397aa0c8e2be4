package io.lorica.contracts.event;

import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

class EventTableTest {

    private static final Pattern TYPE_ROW = Pattern.compile(
            "\\| `(?<type>io\\.lorica\\.[^`]+)` \\| `(?<topic>[^`]+)` \\| \\w+ \\| [a-z, -]+ \\| [a-z, -]+ \\| \\d+\\.\\d+\\.\\d+ \\|");
    private static final Pattern TOPIC_ROW =
            Pattern.compile("\\| `(?<topic>(?:dlq\\.)?lorica\\.[^`]+)` \\| .+ \\| .+ \\|");
    private static final Pattern FIELD_ROW = Pattern.compile("\\| `(?<field>\\w+)` \\| .+ \\|");

    private static String document;

    @BeforeAll
    static void readDocument() throws IOException {
        document = Files.readString(GoldenEvents.DOCS.resolve("events.md"));
    }

    @Test
    void listsEveryTypeWithItsTopic() {
        assertThat(section("## Types", "## ").lines().map(TYPE_ROW::matcher).filter(row -> row.matches()))
                .extracting(row -> row.group("type") + " on " + row.group("topic"))
                .containsExactlyElementsOf(Arrays.stream(EventType.values())
                        .map(type -> type.wireName() + " on " + type.topic().topicName())
                        .toList());
    }

    @Test
    void listsEveryTopic() {
        assertThat(section("## Topics", "## ").lines().map(TOPIC_ROW::matcher).filter(row -> row.matches()))
                .extracting(row -> row.group("topic"))
                .containsExactlyInAnyOrderElementsOf(
                        Arrays.stream(Topic.values()).map(Topic::topicName).toList());
    }

    @ParameterizedTest
    @EnumSource
    void saysWhatEveryFieldMeans(EventType type) {
        // Given
        List<String> components = Arrays.stream(type.data().getRecordComponents())
                .map(RecordComponent::getName)
                .toList();

        // When
        String section = section("### `" + type.wireName() + "`", "### ");

        // Then
        assertThat(section.lines().map(FIELD_ROW::matcher).filter(row -> row.matches()))
                .extracting(row -> row.group("field"))
                .containsExactlyElementsOf(components);
    }

    private static String section(String heading, String nextHeading) {
        int begin = document.indexOf(heading + "\n");
        assertThat(begin).as("the heading " + heading).isNotNegative();
        int end = document.indexOf("\n" + nextHeading, begin + heading.length());
        return end < 0 ? document.substring(begin) : document.substring(begin, end);
    }
}

package io.lorica.dataset.ingest;

import java.util.Map;
import java.util.function.Predicate;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;

/// Reads the JSON of a row, and says what is wrong with it in words for the person who made the file. Safe for many
/// threads.
final class RowJson {

    private static final TypeReference<Map<String, Object>> COLUMNS = new TypeReference<>() {};
    private static final ObjectMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    private RowJson() {}

    /// The value that is the whole text.
    static JsonNode read(String text) throws JsonProcessingException {
        return JSON.readTree(text);
    }

    /// The fields of a row in their order, with their values as they were written.
    static Map<String, Object> columns(JsonNode row) {
        return JSON.convertValue(row, COLUMNS);
    }

    /// Tells whether the text ends before its value does.
    static boolean breaksOff(JsonProcessingException failure) {
        String said = failure.getOriginalMessage();
        return failure instanceof JsonEOFException || (said != null && said.startsWith("Unexpected end-of-input"));
    }

    /// The fault of a line that is not JSON.
    static Reading.Fault fault(JsonProcessingException failure) {
        String said = failure.getOriginalMessage() == null ? "" : failure.getOriginalMessage();
        if (said.startsWith("Duplicate field")) {
            String name = said.lines().findFirst().orElse("").substring("Duplicate field ".length());
            return new Reading.Fault(
                    "The row has the same field twice.", "The row has the same field twice (" + name + ").");
        }
        String where = failure.getLocation() == null
                ? ""
                : " at column " + failure.getLocation().getColumnNr();
        String what =
                breaksOff(failure) ? "it breaks off before its end; a row must stand on one line" : what(failure, said);
        return new Reading.Fault(
                "The line is not valid JSON: " + what + ".", "The line is not valid JSON" + where + ": " + what + ".");
    }

    /// The parser's words name classes and options, which help nobody who made a file.
    private static String what(JsonProcessingException failure, String said) {
        if (failure instanceof StreamConstraintsException) {
            return "it is nested too deep, or a name or number in it is too long";
        }
        Predicate<String> holds = said::contains;
        if (holds.test("NaN") || holds.test("INF") || holds.test("Infinity")) {
            return "it holds NaN or Infinity, which are no JSON; write null where a value is missing";
        }
        if (said.startsWith("Trailing token")) {
            return "more than one value stands on it; give each row a line of its own";
        }
        if (said.startsWith("Unexpected character (''' ")) {
            return "names and texts must stand in double quotes";
        }
        if (holds.test("was expecting double-quote to start field name")) {
            return "the name of a field in double quotes is missing here, perhaps behind a comma too many";
        }
        if (holds.test("Illegal unquoted character")) {
            return "a text holds a raw control character; write a line break as \\n and a tab as \\t";
        }
        if (said.startsWith("Unrecognized token")) {
            return "it holds words that are not in double quotes";
        }
        if (holds.test("escape")) {
            return "a text holds a backslash before a character that takes none; write a backslash as \\\\";
        }
        return "another character is expected here; check quotes, commas and brackets";
    }
}

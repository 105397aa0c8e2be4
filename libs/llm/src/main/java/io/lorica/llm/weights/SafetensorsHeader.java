package io.lorica.llm.weights;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.llm.tensor.ElementType;

/// The table of contents of a safetensors file (https://github.com/huggingface/safetensors), believed only after its
/// sizes, offsets and overlaps agree with the file.
///
/// @param entries the tensors by name, in the order of their bytes
record SafetensorsHeader(Map<String, Entry> entries) {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int MOST_DIMENSIONS = 8;

    /// One line of the table; begin and end count from the first byte after the header.
    record Entry(String name, ElementType type, long[] shape, long begin, long end) {}

    /// Reads and checks a header.
    ///
    /// @param file the file's name for messages
    /// @param json the header's bytes
    /// @param dataBytes how many bytes follow it
    static SafetensorsHeader parse(String file, byte[] json, long dataBytes) {
        List<Entry> entries = new ArrayList<>();
        JsonNode root = tree(file, json);
        for (Map.Entry<String, JsonNode> field : root.properties()) {
            if (!field.getKey().equals("__metadata__")) {
                entries.add(entry(file, field.getKey(), field.getValue(), dataBytes));
            }
        }
        entries.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
        checkCoverage(file, entries, dataBytes);
        Map<String, Entry> byName = new LinkedHashMap<>();
        entries.forEach(entry -> byName.put(entry.name(), entry));
        return new SafetensorsHeader(byName);
    }

    static ProductException damaged(String file, String reason) {
        return ProductException.of(
                ErrorCode.UNSUPPORTED_MODEL,
                "The weights file " + file + " is damaged: " + reason + ". Fetch the model again.");
    }

    private static JsonNode tree(String file, byte[] json) {
        try {
            JsonNode root = JSON.readTree(new String(json, StandardCharsets.UTF_8));
            if (root == null || !root.isObject()) {
                throw damaged(file, "its header is not a JSON object");
            }
            return root;
        } catch (JsonProcessingException e) {
            throw damaged(file, "its header is not valid JSON");
        }
    }

    private static Entry entry(String file, String name, JsonNode value, long dataBytes) {
        String label = value.path("dtype").asText();
        ElementType type = ElementType.of(label)
                .orElseThrow(() -> ProductException.of(
                        ErrorCode.UNSUPPORTED_MODEL,
                        "Tensor " + name + " of " + file + " has the element type '" + label
                                + "', which is not known here; use a model with F32, F16 or BF16 weights."));
        long[] shape = shape(file, name, value.path("shape"));
        JsonNode offsets = value.path("data_offsets");
        if (offsets.size() != 2
                || !offsets.path(0).canConvertToLong()
                || !offsets.path(1).canConvertToLong()) {
            throw damaged(file, "tensor " + name + " has no valid data_offsets");
        }
        long begin = offsets.path(0).asLong();
        long end = offsets.path(1).asLong();
        if (begin < 0 || end < begin || end > dataBytes) {
            throw damaged(file, "tensor " + name + " lies at bytes " + begin + " to " + end + " of " + dataBytes);
        }
        if (end - begin != bytes(file, name, type, shape)) {
            throw damaged(file, "tensor " + name + " has " + (end - begin) + " bytes, which is not its shape's size");
        }
        return new Entry(name, type, shape, begin, end);
    }

    private static long[] shape(String file, String name, JsonNode dimensions) {
        if (!dimensions.isArray() || dimensions.size() > MOST_DIMENSIONS) {
            throw damaged(file, "tensor " + name + " has no valid shape");
        }
        long[] shape = new long[dimensions.size()];
        for (int i = 0; i < shape.length; i++) {
            JsonNode dimension = dimensions.path(i);
            if (!dimension.isIntegralNumber() || !dimension.canConvertToLong() || dimension.asLong() < 0) {
                throw damaged(file, "tensor " + name + " has no valid shape");
            }
            shape[i] = dimension.asLong();
        }
        return shape;
    }

    private static long bytes(String file, String name, ElementType type, long[] shape) {
        try {
            long size = type.bytes();
            for (long dimension : shape) {
                size = Math.multiplyExact(size, dimension);
            }
            return size;
        } catch (ArithmeticException e) {
            throw damaged(file, "the shape of tensor " + name + " is too large");
        }
    }

    private static void checkCoverage(String file, List<Entry> entries, long dataBytes) {
        long position = 0;
        String before = "the header";
        for (Entry entry : entries) {
            if (entry.begin() < position) {
                throw damaged(file, "tensors " + before + " and " + entry.name() + " overlap");
            }
            if (entry.begin() > position) {
                throw damaged(file, "there is a gap before tensor " + entry.name());
            }
            position = entry.end();
            before = entry.name();
        }
        if (position != dataBytes) {
            throw damaged(file, (dataBytes - position) + " bytes at its end belong to no tensor");
        }
    }
}

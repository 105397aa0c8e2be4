package io.lorica.llm.weights;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorica.llm.tensor.ElementType;

/// Matrices as bitsandbytes stores them (https://github.com/bitsandbytes-foundation/bitsandbytes): 4-bit codes with a
/// scale for each block, which may be 8-bit codes themselves; or 8-bit codes with a scale for each row.
final class BitsandbytesCodes {

    private static final String STATE = ".quant_state.bitsandbytes__";
    // 1 / 127, as bitsandbytes writes it.
    private static final float CODE_STEP = 7.874015718698502e-3f;

    private final QuantizedTensors files;

    BitsandbytesCodes(QuantizedTensors files) {
        this.files = files;
    }

    /// Tells whether a tensor only serves others.
    static boolean auxiliary(String name) {
        return name.contains(".weight.") || name.endsWith(".SCB") || name.endsWith(".weight_format");
    }

    /// The matrix of that name; empty where it is stored as it is.
    Optional<StoredTensor> matrix(String name) {
        for (String kind : new String[] {"nf4", "fp4"}) {
            Optional<MappedTensor> state = files.mapped(name + STATE + kind);
            if (state.isPresent()) {
                return Optional.of(fourBits(name, state.get()));
            }
        }
        return files.mapped(name.replaceFirst("weight$", "SCB")).map(scales -> eightBits(name, scales));
    }

    private StoredTensor fourBits(String name, MappedTensor packedState) {
        JsonNode state = json(name, packedState);
        long rows = state.path("shape").path(0).asLong();
        int columns = state.path("shape").path(1).asInt();
        int block = state.path("blocksize").asInt();
        MemorySegment codes = files.required(name).memory();
        float[] book = floats(name + ".quant_map");
        float[] scales = scales(name, state);
        if (state.path("shape").size() != 2
                || block < 1
                || book.length != 16
                || codes.byteSize() != (rows * columns + 1) / 2
                || scales.length != (rows * columns + block - 1) / block) {
            throw files.damaged(name);
        }
        return new CodedTensor(
                name, type(name, state.path("dtype").asText()), new long[] {rows, columns}, (row, width, out, at) -> {
                    long first = row * width;
                    for (int column = 0; column < width; column++) {
                        long index = first + column;
                        int pair = codes.get(ValueLayout.JAVA_BYTE, index >> 1);
                        int code = (index & 1) == 0 ? (pair >> 4) & 15 : pair & 15;
                        out.setAtIndex(ValueLayout.JAVA_FLOAT, at + column, book[code] * scales[(int) (index / block)]);
                    }
                });
    }

    private float[] scales(String name, JsonNode state) {
        String own = name + ".absmax";
        if (!state.has("nested_blocksize")) {
            return floats(own);
        }
        MemorySegment codes = files.required(own).memory();
        float[] book = floats(name + ".nested_quant_map");
        float[] outer = floats(name + ".nested_absmax");
        int block = state.path("nested_blocksize").asInt();
        float offset = (float) state.path("nested_offset").asDouble();
        if (block < 1 || book.length != 256 || outer.length != (codes.byteSize() + block - 1) / block) {
            throw files.damaged(name);
        }
        float[] scales = new float[Math.toIntExact(codes.byteSize())];
        for (int i = 0; i < scales.length; i++) {
            scales[i] = book[codes.get(ValueLayout.JAVA_BYTE, i) & 255] * outer[i / block] + offset;
        }
        return scales;
    }

    private StoredTensor eightBits(String name, MappedTensor stored) {
        MappedTensor matrix = files.required(name);
        files.mapped(name + "_format")
                .filter(format -> format.memory().get(ValueLayout.JAVA_BYTE, 0) != 0)
                .ifPresent(_ -> {
                    throw files.unknown(name, "its rows are not stored one after the other");
                });
        float[] scales = floats(stored);
        long[] shape = matrix.shape();
        MemorySegment codes = matrix.memory();
        if (matrix.type() != ElementType.I8 || shape.length != 2 || scales.length != shape[0]) {
            throw files.damaged(name);
        }
        return new CodedTensor(name, ElementType.F32, shape, (row, width, out, at) -> {
            float scale = scales[(int) row];
            for (int column = 0; column < width; column++) {
                int code = codes.get(ValueLayout.JAVA_BYTE, row * width + column);
                out.setAtIndex(ValueLayout.JAVA_FLOAT, at + column, code * scale * CODE_STEP);
            }
        });
    }

    private ElementType type(String name, String torchName) {
        for (ElementType type : new ElementType[] {ElementType.F32, ElementType.F16, ElementType.BF16}) {
            if (type.torchName().equals(torchName)) {
                return type;
            }
        }
        throw files.unknown(name, "its dtype is '" + torchName + "'");
    }

    private float[] floats(String name) {
        return floats(files.required(name));
    }

    private float[] floats(MappedTensor tensor) {
        return StoredFloats.read(tensor).orElseThrow(() -> files.damaged(tensor.name()));
    }

    private JsonNode json(String name, MappedTensor text) {
        try {
            return new ObjectMapper().readTree(text.memory().toArray(ValueLayout.JAVA_BYTE));
        } catch (IOException e) {
            throw files.damaged(name);
        }
    }
}

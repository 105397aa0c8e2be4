package io.lorica.llm.weights;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Optional;

import io.lorica.layout.StoredQuantization;
import io.lorica.llm.tensor.ElementType;

/// Matrices of 8-bit floating-point numbers (E4M3, https://arxiv.org/abs/2209.05433) with scales to multiply them by:
/// one for all, one a row, or one a block.
///
/// @param files the tensors
/// @param form how many rows and columns share a scale
record Float8Codes(QuantizedTensors files, StoredQuantization.Float8 form) {

    private static final List<String> SCALES = List.of("weight_scale_inv", "weight_scale");
    private static final List<String> OTHERS = List.of("input_scale", "activation_scale", "weight_shape");
    private static final float[] NUMBERS = numbers();

    /// Tells whether a tensor only serves others, or scales inputs that are not quantised here.
    static boolean auxiliary(String name) {
        String last = name.substring(name.lastIndexOf('.') + 1);
        return SCALES.contains(last) || OTHERS.contains(last);
    }

    /// The matrix of that name; empty where it is stored as it is.
    Optional<StoredTensor> matrix(String name) {
        return files.mapped(name)
                .filter(matrix -> matrix.type() == ElementType.F8_E4M3)
                .map(this::matrix);
    }

    private StoredTensor matrix(MappedTensor matrix) {
        String name = matrix.name();
        MappedTensor stored = SCALES.stream()
                .flatMap(last -> files.mapped(name.replaceFirst("weight$", last)).stream())
                .findFirst()
                .orElseThrow(() -> files.unknown(name, "it has no scale beside it"));
        long[] shape = matrix.shape();
        if (shape.length != 2) {
            throw files.damaged(name);
        }
        float[] scales = StoredFloats.read(stored).orElseThrow(() -> files.damaged(stored.name()));
        Grid grid = grid(name, shape, stored.shape(), scales.length);
        MemorySegment codes = matrix.memory();
        return new CodedTensor(name, ElementType.F32, shape, (row, width, out, at) -> {
            int line = (int) (row / grid.rows()) * grid.width();
            for (int column = 0; column < width; column++) {
                int code = codes.get(ValueLayout.JAVA_BYTE, row * width + column) & 255;
                float scale = scales[line + column / grid.columns()];
                out.setAtIndex(ValueLayout.JAVA_FLOAT, at + column, NUMBERS[code] * scale);
            }
        });
    }

    /// The rows and columns that share a scale, and how many scales there are in a line.
    private record Grid(long rows, int columns, int width) {}

    private Grid grid(String name, long[] shape, long[] scales, int count) {
        int columns = Math.toIntExact(shape[1]);
        if (count == 1) {
            return new Grid(shape[0], columns, 1);
        }
        if (count == shape[0] && (scales.length == 1 || scales[1] == 1) && form.blockRows() <= 1) {
            return new Grid(1, columns, 1);
        }
        if (form.blockRows() > 0
                && form.blockColumns() > 0
                && scales.length == 2
                && scales[0] == (shape[0] + form.blockRows() - 1) / form.blockRows()
                && scales[1] == (shape[1] + form.blockColumns() - 1) / form.blockColumns()) {
            return new Grid(form.blockRows(), form.blockColumns(), (int) scales[1]);
        }
        throw files.unknown(
                name,
                "its " + count + " scales fit neither its rows nor blocks of " + form.blockRows() + " by "
                        + form.blockColumns());
    }

    /// All numbers by their code: sign, exponent with a bias of 7, mantissa; all ones are no number.
    private static float[] numbers() {
        float[] numbers = new float[256];
        for (int code = 0; code < numbers.length; code++) {
            int exponent = (code >> 3) & 15;
            int mantissa = code & 7;
            float size = exponent == 0 ? Math.scalb((float) mantissa, -9) : Math.scalb(1 + mantissa / 8f, exponent - 7);
            numbers[code] = (code & 127) == 127 ? Float.NaN : (code & 128) == 0 ? size : -size;
        }
        return numbers;
    }
}

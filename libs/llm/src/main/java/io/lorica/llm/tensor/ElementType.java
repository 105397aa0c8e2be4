package io.lorica.llm.tensor;

import java.util.Arrays;
import java.util.Optional;

/// How a tensor's elements are stored, in memory and in files.
public enum ElementType {
    F32("F32", "float32", 4, 6, true),
    F16("F16", "float16", 2, 5, true),
    BF16("BF16", "bfloat16", 2, 15, true),
    F64("F64", "float64", 8, 7, true),
    I64("I64", "int64", 8, 4, false),
    I32("I32", "int32", 4, 3, false),
    I8("I8", "int8", 1, 1, false),
    U8("U8", "uint8", 1, 0, false),
    BOOL("BOOL", "bool", 1, 11, false),
    /// Only read from files: four bits of exponent, three of mantissa, no infinities.
    F8_E4M3("F8_E4M3", "float8_e4m3fn", 1, 24, true);

    private final String label;
    private final String torchName;
    private final int bytes;
    private final int scalarType;
    private final boolean floating;

    ElementType(String label, String torchName, int bytes, int scalarType, boolean floating) {
        this.label = label;
        this.torchName = torchName;
        this.bytes = bytes;
        this.scalarType = scalarType;
        this.floating = floating;
    }

    /// The name in a safetensors header.
    public String label() {
        return label;
    }

    /// The name in a model's `config.json`, such as `bfloat16`.
    public String torchName() {
        return torchName;
    }

    /// Bytes of one element.
    public int bytes() {
        return bytes;
    }

    /// Whether the elements are floating-point numbers.
    public boolean floating() {
        return floating;
    }

    /// Whether models may be stored and computed with in this type.
    public boolean holdsWeights() {
        return this == F32 || this == F16 || this == BF16;
    }

    /// The number of the type in libtorch's `ScalarType`.
    int scalarType() {
        return scalarType;
    }

    /// The type of that safetensors name, if there is one.
    public static Optional<ElementType> of(String label) {
        return Arrays.stream(values()).filter(type -> type.label.equals(label)).findFirst();
    }

    static ElementType ofScalarType(int scalarType) {
        return Arrays.stream(values())
                .filter(type -> type.scalarType == scalarType)
                .findFirst()
                .orElseThrow(() -> new TensorException("libtorch's scalar type " + scalarType + " is not known here"));
    }
}

package io.lorica.llm.tensor;

import java.util.Arrays;
import java.util.Optional;

/// How a tensor's elements are stored in a file.
///
/// Only [#F32] tensors exist outside this package on the CPU. DJL has no bfloat16: an `NDArray` of that type ends the
/// JVM at the first operation that makes "another of the same type", so 16-bit values are widened before they
/// become one.
public enum ElementType {
    F32("F32", "float32", 4, 6),
    F16("F16", "float16", 2, 5),
    BF16("BF16", "bfloat16", 2, 15);

    private final String label;
    private final String torchName;
    private final int bytes;
    private final int scalarType;

    ElementType(String label, String torchName, int bytes, int scalarType) {
        this.label = label;
        this.torchName = torchName;
        this.bytes = bytes;
        this.scalarType = scalarType;
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

    /// The number of the type in libtorch's `ScalarType`.
    int scalarType() {
        return scalarType;
    }

    /// The type of that safetensors name, if it is one that holds weights.
    public static Optional<ElementType> of(String label) {
        return Arrays.stream(values()).filter(type -> type.label.equals(label)).findFirst();
    }
}

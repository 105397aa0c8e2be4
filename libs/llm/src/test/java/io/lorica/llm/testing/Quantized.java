package io.lorica.llm.testing;

import java.net.URI;
import java.net.URL;
import java.nio.file.Path;

import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.weights.SafetensorsFile;

/// The files that `tools/golden/make_quantized.py` made.
public final class Quantized {

    private Quantized() {}

    /// One tensor of a file, in the type that it is stored in.
    public static Tensor tensor(TensorScope scope, String file, String name) {
        try (SafetensorsFile tensors = SafetensorsFile.open(path(file))) {
            ElementType type = tensors.tensor(name).orElseThrow().type();
            return tensors.tensor(name).orElseThrow().load(scope, type);
        }
    }

    private static Path path(String file) {
        URL resource = Quantized.class.getResource("/quantized/" + file + ".safetensors");
        if (resource == null) {
            throw new IllegalStateException("no golden file " + file);
        }
        return Path.of(URI.create(resource.toString()));
    }
}

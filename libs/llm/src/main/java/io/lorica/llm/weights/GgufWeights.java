package io.lorica.llm.weights;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorica.gguf.GgufArchitecture;
import io.lorica.gguf.GgufConfig;
import io.lorica.gguf.GgufFile;
import io.lorica.gguf.GgufTensor;
import io.lorica.gguf.HeadRows;
import io.lorica.gguf.TensorNames;
import org.jspecify.annotations.Nullable;

/// The weights of a GGUF file under their names in Hugging Face's layout, rows of queries and keys in its
/// order.
final class GgufWeights implements ModelWeightFiles {

    private final GgufFile file;
    private final Map<String, StoredTensor> tensors;

    private GgufWeights(GgufFile file, Map<String, StoredTensor> tensors) {
        this.file = file;
        this.tensors = tensors;
    }

    /// The weights of an open file, closed with them.
    static GgufWeights of(GgufFile file) {
        try {
            return new GgufWeights(file, tensors(file));
        } catch (RuntimeException e) {
            file.close();
            throw e;
        }
    }

    @Override
    public Set<String> names() {
        return tensors.keySet();
    }

    @Override
    public Optional<StoredTensor> tensor(String name) {
        return Optional.ofNullable(tensors.get(name));
    }

    @Override
    public void close() {
        file.close();
    }

    private static Map<String, StoredTensor> tensors(GgufFile file) {
        JsonNode config = GgufConfig.model(file);
        int headSize = config.path("head_dim").asInt();
        boolean permuted = GgufArchitecture.of(file).permuted();
        Map<String, StoredTensor> tensors = new LinkedHashMap<>();
        for (GgufTensor tensor : file.tensors().values()) {
            if (!tensor.name().equals(TensorNames.ROPE_FACTORS)) {
                String name = TensorNames.huggingFace(tensor.name());
                @Nullable HeadRows rows = permuted && TensorNames.rotated(name) ? new HeadRows(headSize) : null;
                tensors.put(name, new QuantizedTensor(name, tensor, rows));
            }
        }
        return tensors;
    }
}

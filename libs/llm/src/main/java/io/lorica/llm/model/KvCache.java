package io.lorica.llm.model;

import ai.djl.ndarray.NDArray;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.tensor.Tensors;

/// Keys and values of the positions that one sequence has passed, a layer at a time, in buffers that double when full.
public final class KvCache implements AutoCloseable {

    private static final int FIRST_CAPACITY = 64;
    private static final int POSITION_AXIS = 2;

    private final TensorScope scope;
    private final ModelConfig config;
    private final NDArray[] keys;
    private final NDArray[] values;
    private int capacity;
    private int length;

    /// An empty cache inside a scope.
    public KvCache(TensorScope parent, ModelConfig config) {
        this.scope = parent.child("kv-cache");
        this.config = config;
        this.keys = new NDArray[config.layers()];
        this.values = new NDArray[config.layers()];
        this.capacity = FIRST_CAPACITY;
        for (int layer = 0; layer < config.layers(); layer++) {
            keys[layer] = buffer();
            values[layer] = buffer();
        }
    }

    /// How many positions it holds.
    public int length() {
        return length;
    }

    /// Makes room for new positions, before the layers write them.
    void reserve(int positions) {
        if (length + positions <= capacity) {
            return;
        }
        while (capacity < length + positions) {
            capacity *= 2;
        }
        for (int layer = 0; layer < config.layers(); layer++) {
            keys[layer] = grown(keys[layer]);
            values[layer] = grown(values[layer]);
        }
    }

    /// Writes a layer's new keys `(1, Hkv, T, D)` behind the old and gives all, in the scope of the new.
    NDArray appendKeys(int layer, NDArray added) {
        return append(keys[layer], added);
    }

    /// Writes a layer's new values `(1, Hkv, T, D)` behind the old and gives all, in the scope of the new.
    NDArray appendValues(int layer, NDArray added) {
        return append(values[layer], added);
    }

    /// Counts the positions that every layer has now written.
    void advance(int positions) {
        length += positions;
    }

    @Override
    public void close() {
        scope.close();
    }

    private NDArray append(NDArray buffer, NDArray added) {
        NDArray borrowed = TensorScope.of(added).borrow(buffer);
        long positions = added.getShape().get(POSITION_AXIS);
        Tensors.copyInto(Tensors.narrow(borrowed, POSITION_AXIS, length, positions), added);
        return Tensors.narrow(borrowed, POSITION_AXIS, 0, length + positions);
    }

    private NDArray grown(NDArray buffer) {
        NDArray larger = buffer();
        try (NDArray target = Tensors.narrow(larger, POSITION_AXIS, 0, length);
                NDArray source = Tensors.narrow(buffer, POSITION_AXIS, 0, length)) {
            Tensors.copyInto(target, source);
        }
        buffer.close();
        return larger;
    }

    private NDArray buffer() {
        return scope.zeros(1, config.keyValueHeads(), capacity, config.headSize());
    }
}

package io.lorica.llm.model;

import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.tensor.Tensors;

/// Keys and values of the positions that one sequence has passed, a layer at a time, in buffers that double when full.
public final class KvCache implements AutoCloseable {

    private static final int FIRST_CAPACITY = 64;
    private static final int POSITION_AXIS = 2;

    private final TensorScope scope;
    private final ModelConfig config;
    private final ElementType type;
    private final Tensor[] keys;
    private final Tensor[] values;
    private int capacity;
    private int length;

    /// An empty cache inside a scope.
    KvCache(TensorScope parent, ModelConfig config, ElementType type) {
        this.scope = parent.child("kv-cache");
        this.config = config;
        this.type = type;
        this.keys = new Tensor[config.layers()];
        this.values = new Tensor[config.layers()];
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
    Tensor appendKeys(int layer, Tensor added) {
        return append(keys[layer], added);
    }

    /// Writes a layer's new values `(1, Hkv, T, D)` behind the old and gives all, in the scope of the new.
    Tensor appendValues(int layer, Tensor added) {
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

    private Tensor append(Tensor buffer, Tensor added) {
        Tensor borrowed = TensorScope.of(added).borrow(buffer);
        long positions = added.size(POSITION_AXIS);
        Tensors.copyInto(Tensors.narrow(borrowed, POSITION_AXIS, length, positions), added);
        return Tensors.narrow(borrowed, POSITION_AXIS, 0, length + positions);
    }

    private Tensor grown(Tensor buffer) {
        Tensor larger = buffer();
        try (Tensor target = Tensors.narrow(larger, POSITION_AXIS, 0, length);
                Tensor source = Tensors.narrow(buffer, POSITION_AXIS, 0, length)) {
            Tensors.copyInto(target, source);
        }
        buffer.close();
        return larger;
    }

    private Tensor buffer() {
        return scope.zeros(type, 1, config.keyValueHeads(), capacity, config.headSize());
    }
}

package io.lorica.llm.fused;

import java.util.HashMap;
import java.util.Map;

import io.lorica.llm.cuda.CudaDevice;
import io.lorica.llm.cuda.CudaStream;
import io.lorica.llm.cuda.PinnedMemory;
import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;

/// Inputs in pinned memory of the host, copied in the order of libtorch's stream while the host goes on.
/// Pinning takes long, so the memory of a layer stays for the next step and only grows.
final class PinnedInputs implements LayerInputs {

    private final CudaDevice device;
    private final Map<Integer, PinnedMemory> memory = new HashMap<>();
    private final Map<Integer, Waiting> waiting = new HashMap<>();

    /// What lies in a layer's memory.
    private record Waiting(ElementType type, long[] shape) {}

    PinnedInputs(CudaDevice device) {
        this.device = device;
    }

    /// The input is freed at once: whatever libtorch puts there comes later in the same stream.
    @Override
    public void put(int layer, Tensor input) {
        try (input) {
            large(layer, input.bytes()).copyFrom(CudaStream.current(), input.address(), input.bytes());
            waiting.put(layer, new Waiting(input.type(), input.shape()));
        }
    }

    @Override
    public Tensor take(int layer, TensorScope scope) {
        Waiting kept = waiting.remove(layer);
        PinnedMemory source = memory.get(layer);
        if (kept == null || source == null) {
            throw new IllegalStateException("the input of layer " + layer + " was taken before");
        }
        Tensor input = scope.empty(kept.type(), kept.shape());
        source.copyTo(CudaStream.current(), input.address(), input.bytes());
        return input;
    }

    private PinnedMemory large(int layer, long bytes) {
        PinnedMemory own = memory.get(layer);
        if (own != null && own.segment().byteSize() >= bytes) {
            return own;
        }
        if (own != null) {
            device.synchronize();
            own.close();
        }
        PinnedMemory larger = PinnedMemory.allocate(device, bytes);
        memory.put(layer, larger);
        return larger;
    }

    @Override
    public void close() {
        device.synchronize();
        memory.values().forEach(PinnedMemory::close);
        memory.clear();
        waiting.clear();
    }
}

package io.lorica.llm.tensor;

import java.util.List;
import java.util.Optional;

import io.lorica.llm.cuda.Cuda;
import io.lorica.llm.cuda.CudaEvent;
import io.lorica.llm.cuda.CudaStream;

/// Float32 tensors on their way to the host. A GPU copies them when it comes to it, and who reads them waits for
/// that alone, not for what the GPU was given since.
public final class Fetched implements AutoCloseable {

    private final List<Tensor> tensors;
    private final Optional<CudaEvent> arrived;

    private Fetched(List<Tensor> tensors, Optional<CudaEvent> arrived) {
        this.tensors = List.copyOf(tensors);
        this.arrived = arrived;
    }

    /// Begins to fetch tensors.
    ///
    /// @param scope owns the memory that they go to
    public static Fetched of(TensorScope scope, List<Tensor> tensors) {
        TensorDevice device = TensorDevice.current();
        if (!device.gpu() || !Cuda.available()) {
            return new Fetched(tensors, Optional.empty());
        }
        List<Tensor> copies =
                tensors.stream().map(tensor -> HostMemory.fetch(scope, tensor)).toList();
        CudaEvent arrived = CudaEvent.open(Cuda.device(device.index()));
        arrived.record(CudaStream.current());
        return new Fetched(copies, Optional.of(arrived));
    }

    /// All elements of one of them in row-major order; waits until it is there.
    public float[] floats(int index) {
        arrived.ifPresent(CudaEvent::synchronize);
        return tensors.get(index).toFloatArray();
    }

    /// Those of the last one.
    public float[] last() {
        return floats(tensors.size() - 1);
    }

    @Override
    public void close() {
        arrived.ifPresent(CudaEvent::close);
    }
}

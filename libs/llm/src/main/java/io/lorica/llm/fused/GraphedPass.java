package io.lorica.llm.fused;

import io.lorica.llm.cuda.CudaDevice;
import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorGraph;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.tensor.Tensors;

/// A pass of one shape, forward and back, as a graph of the GPU's. Dimensions: n learned tokens of the shape.
final class GraphedPass implements AutoCloseable {

    private final TensorScope memory;
    private final FusedModel model;
    private final GraphInputs inputs;
    private final FusedHead.Measured measured;
    private final TensorGraph graph;

    /// Captures it.
    ///
    /// @param parent owns what it reads and writes
    /// @param shared the memory of what lies in between
    GraphedPass(TensorScope parent, CudaDevice device, GradientPass pass, GraphShape shape, TensorGraph.Memory shared) {
        this.memory = parent.child("graphed-pass");
        this.model = pass.model();
        try {
            this.inputs = GraphInputs.empty(memory, shape, model.base().config().headSize());
            this.measured = new FusedHead.Measured(
                    memory.empty(ElementType.F32, shape.learned()), memory.empty(ElementType.F32, shape.learned()));
            this.graph = TensorGraph.capture(device, shared, () -> collect(pass));
        } catch (RuntimeException failure) {
            memory.close();
            throw failure;
        }
    }

    private void collect(GradientPass pass) {
        try (TensorScope work = memory.child("capture")) {
            FusedHead.Measured made = pass.collect(work, inputs.forPass(), inputs.targets(), inputs.weights());
            Tensors.copyInto(measured.losses(), made.losses());
            Tensors.copyInto(measured.hits(), made.hits());
        }
    }

    /// As [GradientPass#collect], for a batch that fits.
    FusedHead.Measured run(TensorScope scope, PassBatch batch, double weight) {
        inputs.take(model, batch, weight);
        graph.launch();
        return new FusedHead.Measured(first(scope, measured.losses(), batch), first(scope, measured.hits(), batch));
    }

    private static Tensor first(TensorScope scope, Tensor of, PassBatch batch) {
        try (TensorScope work = scope.child("measured")) {
            return scope.adopt(
                    Tensors.narrow(work.borrow(of), 0, 0, batch.learned()).duplicate());
        }
    }

    /// The closer must know that the device is done with it.
    @Override
    public void close() {
        graph.close();
        memory.close();
    }
}
